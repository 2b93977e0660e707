/** Redis dies, or stops answering, while official clients work on three nodes. */
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { startRedisServer, type RedisServer } from '../../../packages/storage-redis/test/redis-server.ts'
import { startCluster, type Cluster } from './lib/cluster.ts'
import { Ledger } from './lib/ledger.ts'
import { come, offer, type Refusal } from './lib/refusal.ts'
import { needing, seeded } from './lib/settings.ts'
import { startTraffic, type Traffic } from './lib/traffic.ts'

/** Longer than a call waits for Redis, so that calls are refused. */
const OUTAGE_MS = 5_000
/** What clients do before and after. */
const WORK_MS = 2_000

for (const how of ['killed and started again', 'paused'] as const) {
  t.test(`C-24, C-27, D-7: Redis is ${how}, and every stream goes on where it was`, needing('nginx', 'redis'), async t => {
    const { redis, cluster, ledger, traffic } = await working(t)
    await sleep(WORK_MS)
    const session = traffic.clients.find(({ sessionId }) => sessionId !== undefined)?.sessionId ?? ''

    if (how === 'paused') redis.pause()
    else await redis.kill()
    const began = performance.now()
    const refusals = await refused(cluster, session, began + OUTAGE_MS)
    const rejected = cluster.nodes.map(() => ({ status: 503, retryAfter: true }))
    t.strictSame(refusals, rejected, 'who asks meanwhile is told to come back')
    t.strictSame(await Promise.all(cluster.nodes.map(come)), rejected, 'and so is a client that opens a new session')
    t.strictSame(await health(cluster), cluster.nodes.map(() => 200), 'every process lives')
    await sleep(Math.max(0, began + OUTAGE_MS - performance.now()))

    if (how === 'paused') redis.resume()
    else await redis.start()
    await sleep(WORK_MS)
    const before = ledger.figures.results
    await sleep(WORK_MS)
    t.ok(ledger.figures.results > before, 'work goes on')
    t.strictSame((await Promise.all(cluster.nodes.map(come))).map(({ status }) => status), cluster.nodes.map(() => 200), 'new sessions open')
    await traffic.stop()

    t.comment([`Redis ${how}, ${OUTAGE_MS} ms`, ...ledger.report()].join('\n'))
    t.strictSame(ledger.violations, [])
    t.strictSame(cluster.accidents(), [])
  })
}

interface Working {
  readonly redis: RedisServer
  readonly cluster: Cluster
  readonly ledger: Ledger
  readonly traffic: Traffic
}

async function working (t: { teardown (fn: () => unknown): unknown }): Promise<Working> {
  const redis = await startRedisServer()
  t.teardown(() => redis.close())
  const cluster = await startCluster(redis.url)
  t.teardown(() => cluster.close())
  const ledger = new Ledger()
  return { redis, cluster, ledger, traffic: await startTraffic(cluster.url, ledger, seeded()) }
}

/** What each node says to a request that needs the storage: the first reply after it noticed. */
async function refused ({ nodes }: Cluster, session: string, deadline: number): Promise<Refusal[]> {
  return Promise.all(nodes.map(async node => {
    let last = { status: 0, retryAfter: false }
    while (last.status !== 503 && performance.now() < deadline) {
      last = await offer(node, session)
    }
    return last
  }))
}

function health ({ nodes }: Cluster): Promise<Array<number | string>> {
  return Promise.all(nodes.map(node => node.health('healthz')))
}
