/** Three nodes behind nginx on one Redis; nodes die at random while official clients work. */
import t from 'tap'
import { startRedisServer } from '../../../packages/storage-redis/test/redis-server.ts'
import { startCluster } from './lib/cluster.ts'
import { killAtRandom } from './lib/killer.ts'
import { Ledger } from './lib/ledger.ts'
import { KILLS, needing, seeded } from './lib/settings.ts'
import { startTraffic } from './lib/traffic.ts'

t.test(`C-24, C-27, D-7, E-39: ${KILLS} kills among three nodes on Redis, and nobody notices`, needing('nginx', 'redis'), async t => {
  const random = seeded()
  const redis = await startRedisServer()
  t.teardown(() => redis.close())
  const cluster = await startCluster(redis.url)
  t.teardown(() => cluster.close())
  const ledger = new Ledger()
  const onProgress = (kills: number): void => {
    t.comment(`after ${kills} kills of seed ${random.seed}: ${ledger.figures.requests} requests, ${ledger.violations.length} violations`)
  }
  const traffic = await startTraffic(cluster.url, ledger, random)

  let cuts = 0
  const cut = async (): Promise<void> => {
    cuts++
    await cluster.nginx.kill()
    await cluster.nginx.start()
  }
  await killAtRandom(cluster.nodes, random, { kills: KILLS, survivors: 1, cutEvery: 4, cut, onProgress })
  await traffic.stop()

  t.comment([`seed ${random.seed}`, `kills ${KILLS}, proxy killed ${cuts} times`, ...ledger.report()].join('\n'))
  t.strictSame(ledger.violations, [])
  t.strictSame(cluster.accidents(), [])
  t.ok(ledger.figures.results > KILLS, 'work was done')
})
