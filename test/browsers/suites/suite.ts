import t from 'tap'
import { existsSync } from 'node:fs'
import { processesIn } from '../lib/browser-process.ts'
import { skipWithout, type BrowserName } from '../lib/browser.ts'
import { Stage } from '../lib/stage.ts'
import { everyday } from './everyday.ts'
import { eventSource } from './event-source.ts'
import { trouble } from './trouble.ts'

const PAGE = 'data:text/html,<button onclick="console.error(1); setTimeout(() => { throw new Error(2) })">press</button>'

/** Everything, in one browser that is started once. */
export async function suite (name: BrowserName): Promise<void> {
  await t.test(name, { skip: skipWithout(name) }, async t => {
    const stage = await Stage.set(t, name)
    const { browser } = stage
    t.comment(browser.version)
    await everyday(t, stage)
    await trouble(t, stage)
    await eventSource(t, stage)

    await t.test('the library clicks, tells what went wrong, and leaves nothing behind', async t => {
      const { page, errors } = await browser.open(PAGE)
      t.strictSame(errors, [])
      const uncaught = new Promise(resolve => page.once('pageerror', resolve))
      await page.click('button')
      await uncaught
      t.match(errors, ['1', /2$/])
      t.match(Buffer.from(await page.screenshot()).toString('latin1'), /^\x89PNG/)
      t.ok(processesIn(browser.directory).length > 1, 'its processes are found')
      await browser.close()
      t.strictSame(processesIn(browser.directory), [])
      t.notOk(existsSync(browser.directory))
    })
  })
}
