/** One node on SQLite, killed and started again while official clients work. */
import t from 'tap'
import { Ledger } from './lib/ledger.ts'
import { killAtRandom } from './lib/killer.ts'
import { startNode } from './lib/reference-node.ts'
import { KILLS_ALONE, needing, seeded } from './lib/settings.ts'
import { startTraffic } from './lib/traffic.ts'

t.test(`C-24, C-27, D-7, E-39: one node on SQLite is killed ${KILLS_ALONE} times, and nobody notices`, needing(), async t => {
  const random = seeded()
  const node = await startNode({ MCP_STORAGE: `sqlite:${t.testdir()}` })
  t.teardown(() => node.kill())
  const ledger = new Ledger(() => node.presence)
  const onProgress = (kills: number): void => {
    t.comment(`after ${kills} kills of seed ${random.seed}: ${ledger.figures.requests} requests, ${ledger.violations.length} violations`)
  }
  const traffic = await startTraffic(node.url, ledger, random)

  await killAtRandom([node], random, { kills: KILLS_ALONE, survivors: 0, onProgress })
  await traffic.stop()

  t.comment([`seed ${random.seed}`, `kills ${KILLS_ALONE}`, ...ledger.report()].join('\n'))
  t.strictSame(ledger.violations, [])
  t.strictSame(node.process.accidents, [])
  t.ok(ledger.figures.results > KILLS_ALONE, 'work was done')
})
