import t, { type Test } from 'tap'
import { existsSync } from 'node:fs'
import { processesIn } from '../lib/browser-process.ts'
import { skipWithout, startBrowser, type Browser, type BrowserName } from '../lib/browser.ts'
import { Stage, type Visitor } from '../lib/stage.ts'
import { everyday } from './everyday.ts'
import { eventSource } from './event-source.ts'
import { trouble } from './trouble.ts'

const PAGE = 'data:text/html,<button onclick="console.error(1); setTimeout(() => { throw new Error(2) })">press</button>'

/** Everything, in one browser that is started once. */
export async function suite (name: BrowserName): Promise<void> {
  await t.test(name, { skip: skipWithout(name) }, async t => {
    const browser = await startBrowser(t, name)
    await scenarios(t, visitorIn(browser))

    await t.test('the library clicks, tells what went wrong, and leaves nothing behind', async t => {
      const { page, errors } = await browser.open(PAGE)
      t.strictSame(errors, [])
      const uncaught = new Promise(resolve => page.once('pageerror', resolve))
      await page.click('button')
      await uncaught
      t.match(errors, ['1', /2$/])
      t.match(Buffer.from(await page.screenshot()).toString('latin1'), /^\x89PNG/)
      await leavesNothing(t, browser)
    })
  })
}

export async function scenarios (t: Test, visitor: Visitor): Promise<void> {
  t.comment(visitor.version)
  const stage = await Stage.set(t, visitor)
  await everyday(t, stage)
  await trouble(t, stage)
  await eventSource(t, stage)
}

export async function leavesNothing (t: Test, { directory, close }: Pick<Browser, 'directory' | 'close'>): Promise<void> {
  t.ok(processesIn(directory).length > 1, 'its processes are found')
  await close()
  t.strictSame(processesIn(directory), [])
  t.notOk(existsSync(directory))
}

function visitorIn ({ version, open }: Browser): Visitor {
  return {
    version,
    visit: async url => {
      const { page, errors } = await open(url)
      return { run: expression => page.evaluate(expression), errors, leave: () => page.close() }
    }
  }
}
