import { existsSync } from 'node:fs'
import t from 'tap'
import { browserDirectory, BrowserProcess, processesIn } from './lib/browser-process.ts'
import { BROWSERS, skipWithout, startBrowser } from './lib/browser.ts'

const PAGE = 'data:text/html,<button onclick="console.error(1); setTimeout(() => { throw new Error(2) })">press</button>'

for (const name of BROWSERS) {
  t.test(`${name}: clicks, tells what went wrong, and leaves nothing behind`, { skip: skipWithout(name) }, async t => {
    const browser = await startBrowser(t, name)
    t.comment(browser.version)
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
}

t.test('a browser that does not start says why', async t => {
  const directory = browserDirectory('none')
  const child = new BrowserProcess('sh', ['-c', 'echo "no display" >&2; exit 1'], directory)
  await t.rejects(child.says(/listening on (.*)/), { message: /ended; it printed:\nno display/ })
  await child.close(false)
  t.notOk(existsSync(directory))
})
