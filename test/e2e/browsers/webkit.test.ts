import t from 'tap'
import { skipWithout } from './lib/browser.ts'
import { startWebKit } from './lib/webkit.ts'
import { leavesNothing, scenarios } from './suites/suite.ts'

await t.test('webkit', { skip: skipWithout('xvfb') || skipWithout('webkit') }, async t => {
  const webkit = await startWebKit(t)
  await scenarios(t, webkit)
  await t.test('complaints of a page are heard, and nothing is left behind', async t => {
    const { run, errors, leave } = await webkit.visit('data:text/html,<title>x</title>')
    await t.rejects(run('Promise.reject(new Error("no"))'), { message: /no/ })
    await run('new Promise(resolve => { console.error(1); setTimeout(() => { setTimeout(resolve); throw new Error(2) }) })')
    t.match(errors, ['1', /error/], 'those of scripts from elsewhere without what they say')
    await leave()
    await leavesNothing(t, webkit)
  })
})
