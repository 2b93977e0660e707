/** WebKit, the engine of Safari, in its GTK port: over WebDriver, on a screen that nobody sees. */
import type { Test } from 'tap'
import { freePort } from '../../../lib/free-port.ts'
import { browserDirectory, BrowserProcess } from './browser-process.ts'
import { findBrowser, howToInstall } from './programs.ts'
import type { Visit, Visitor } from './stage.ts'
import { WebDriver } from './web-driver.ts'

export interface WebKit extends Visitor {
  /** Where its home and temporary files are. */
  readonly directory: string
  /** Ends every process of it and removes its directory. The test's end does so too. */
  close (): Promise<void>
}

/** What a page is asked to run may wait for things itself. */
const SCRIPT_MS = 100_000

/** The screen, then the driver; the driver starts the browser. */
const START = `
  "$1" -displayfd 3 -screen 0 1280x800x24 -nolisten tcp 3> "$HOME/display" &
  until [ -s "$HOME/display" ]; do sleep 0.1; done
  export DISPLAY=":$(cat "$HOME/display")"
  exec "$2" --host=127.0.0.1 --port="$3"
`

/** WebDriver tells nothing of the console: the page keeps what goes wrong from here on. */
const LISTEN = `
  window.complaints = []
  const error = console.error
  console.error = (...words) => { complaints.push(words.join(' ')); error(...words) }
  addEventListener('error', ({ message }) => complaints.push(message))
  addEventListener('unhandledrejection', ({ reason }) => complaints.push(String(reason)))
`

const RUN = `
  const done = arguments[arguments.length - 1]
  const end = outcome => done({ ...outcome, complaints: complaints.splice(0) })
  Promise.resolve(eval(arguments[0])).then(value => end({ value }), reason => end({ thrown: String(reason) }))
`

/** @throws With what it printed, when it does not start. */
export async function startWebKit (t: Test): Promise<WebKit> {
  const [screen, driver] = [findBrowser('xvfb'), findBrowser('webkit')]
  if (screen === null || driver === null) throw new Error(howToInstall(screen === null ? 'xvfb' : 'webkit'))
  const directory = browserDirectory('webkit')
  const port = await freePort()
  const child = new BrowserProcess('sh', ['-c', START, 'start', screen, driver, String(port)], directory)
  let session: WebDriver | undefined
  let closing: Promise<void> | undefined
  const close = (): Promise<void> => {
    closing ??= (async () => {
      await session?.close().catch(() => {}) // It may be gone already; the process is looked after below.
      child.terminate()
      await child.close(true)
    })()
    return closing
  }
  t.teardown(close)
  try {
    const opened = await WebDriver.open(`http://127.0.0.1:${port}`, SCRIPT_MS)
    session = opened.driver
    const { driver, version } = opened
    return { version, directory, visit: url => visit(driver, url), close }
  } catch (error) {
    await close()
    throw new Error(`WebKit cannot be used; it printed:\n${child.printed}`, { cause: error })
  }
}

/** In a window of its own, beside the one the browser began with. */
async function visit (driver: WebDriver, url: string): Promise<Visit> {
  const [first] = await driver.handles()
  const { handle } = await driver.post('window/new', { type: 'window' }) as { handle: string }
  await driver.post('window', { handle })
  await driver.post('url', { url })
  await driver.post('execute/sync', { script: LISTEN, args: [] })
  const errors: string[] = []
  return {
    errors,
    run: async expression => {
      const { value, thrown, complaints } = await driver.post('execute/async', { script: RUN, args: [expression] }) as {
        value?: unknown, thrown?: string, complaints: string[]
      }
      errors.push(...complaints)
      if (thrown !== undefined) throw new Error(thrown)
      return value
    },
    leave: async () => {
      await driver.closeWindow()
      await driver.post('window', { handle: first })
    }
  }
}
