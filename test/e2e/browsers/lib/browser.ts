/**
 * Real browsers for tests, headless: Chromium over CDP, Firefox over WebDriver BiDi, both through Puppeteer.
 *
 *     for (const name of BROWSERS) {
 *       t.test(name, { skip: skipWithout(name) }, async t => {
 *         const browser = await startBrowser(t, name)      // one for all tests of a file: starting takes seconds
 *         const { page, errors } = await browser.open(url)  // `page` is Puppeteer's: click, waitForSelector, screenshot, evaluate
 *         t.strictSame(errors, [])                          // console.error(), exceptions nobody caught, crashes
 *       })
 *     }
 *
 * Whatever becomes of the test, no process and no directory of the browser outlives it.
 */
import { createProfile, Browser as Kinds } from '@puppeteer/browsers'
import { createRequire } from 'node:module'
import path from 'node:path'
import type { Browser as Connected, Page, PuppeteerNode, Viewport } from 'puppeteer-core'
import type { Test } from 'tap'
import { browserDirectory, BrowserProcess } from './browser-process.ts'
import { findBrowser, howToInstall, type BrowserName } from './programs.ts'

export { BROWSERS, skipWithout, type BrowserName } from './programs.ts'

// tap's loader does not resolve what Puppeteer's own modules import for BiDi (`exports` with something behind the star); Node.js does.
const { default: puppeteer } = createRequire(import.meta.url)('puppeteer-core') as { default: PuppeteerNode }

/** The longest that loading a page, or waiting for something in it, may take on a machine that has other things to do. */
const WAIT_MS = 30_000
/** The longest a command to the browser may take: what a page is asked to run may wait for things itself. */
const COMMAND_MS = 100_000

export interface OpenPage {
  readonly page: Page
  /** What went wrong in the page so far, one line each. */
  readonly errors: string[]
}

export interface Browser {
  readonly name: BrowserName
  readonly version: string
  /** Where its home, profile and temporary files are. */
  readonly directory: string
  /** Opens a URL in a page of its own and waits until it has loaded. */
  open (url: string, viewport?: Viewport): Promise<OpenPage>
  /** Ends every process of it and removes its directory. The test's end does so too. */
  close (): Promise<void>
}

/** @throws With what the browser printed, when it does not start. */
export async function startBrowser (t: Test, name: BrowserName): Promise<Browser> {
  const program = findBrowser(name)
  if (program === null) throw new Error(howToInstall(name))
  const directory = browserDirectory(name)
  const child = new BrowserProcess(program, await argumentsFor(name, path.join(directory, 'profile')), directory)
  let connected: Connected | undefined
  let closing: Promise<void> | undefined
  const close = (): Promise<void> => {
    closing ??= (async () => {
      // It may be gone already; the process is looked after below.
      await Promise.race([connected?.close().catch(() => {}), child.exited])
      await child.close(connected !== undefined)
    })()
    return closing
  }
  t.teardown(close)
  try {
    connected = await connect(name, child)
  } catch (error) {
    await close()
    throw new Error(`${program} cannot be used: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
  const running = connected
  return { name, version: await running.version(), directory, open: (url, viewport) => open(running, url, viewport), close }
}

async function argumentsFor (browser: BrowserName, profile: string): Promise<string[]> {
  const common = { headless: true, userDataDir: profile }
  if (browser === 'firefox') {
    // The first is what Puppeteer needs for clicks. Nothing here is outside this machine.
    await createProfile(Kinds.FIREFOX, { path: profile, preferences: { 'fission.webContentIsolationStrategy': 0, 'network.proxy.type': 0 } })
    return puppeteer.defaultArgs({ ...common, browser: 'firefox', args: ['--remote-debugging-port=0'] })
  }
  // Chromium's sandbox refuses to work for root, who runs tests in containers. Everybody else keeps it.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  return puppeteer.defaultArgs({ ...common, browser: 'chrome', args: [...args, '--remote-debugging-port=0', '--no-proxy-server'] })
}

async function connect (browser: BrowserName, child: BrowserProcess): Promise<Connected> {
  const common = { protocolTimeout: COMMAND_MS, defaultViewport: { width: 1280, height: 800 } }
  if (browser === 'firefox') {
    const url = await child.says(/WebDriver BiDi listening on (ws:\/\/\S+)/)
    return puppeteer.connect({ ...common, browserWSEndpoint: `${url}/session`, protocol: 'webDriverBiDi' })
  }
  return puppeteer.connect({ ...common, browserWSEndpoint: await child.says(/DevTools listening on (ws:\/\/\S+)/) })
}

async function open (browser: Connected, url: string, viewport?: Viewport): Promise<OpenPage> {
  const page = await browser.newPage()
  page.setDefaultTimeout(WAIT_MS)
  if (viewport !== undefined) await page.setViewport(viewport)
  const errors: string[] = []
  page.on('console', message => { if (message.type() === 'error') errors.push(message.text()) })
  page.on('pageerror', error => { errors.push(error instanceof Error ? error.message : String(error)) })
  page.on('error', error => { errors.push(`the page crashed: ${error.message}`) })
  await page.goto(url)
  return { page, errors }
}
