/** One of three nodes loses Redis, and the others do not, while official clients work. */
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { startRedisServer } from '../../../packages/storage-redis/test/redis-server.ts'
import { startCluster, type Cluster } from './lib/cluster.ts'
import { Ledger } from './lib/ledger.ts'
import { come, offer, type Refusal } from './lib/refusal.ts'
import type { ReferenceNode } from './lib/reference-node.ts'
import { ALL_VARIANTS, needing, seeded } from './lib/settings.ts'
import { TcpProxy, type Cut } from './lib/tcp-proxy.ts'
import { startTraffic, type Traffic } from './lib/traffic.ts'

/**
 * Shorter than a node may be silent (six seconds) before its requests are given up by the others, and longer; what changes meanwhile is
 * told when all is over, which must not take the ten seconds that listeners wait.
 */
const CUTS: ReadonlyArray<readonly [how: Cut, ms: number]> = [['silent', 4_500], ['silent', 8_500], ['reset', 4_500], ['reset', 8_500]]
/** What clients do before and after. */
const WORK_MS = 2_000
/** A request waits that long for Redis, and before that as long until the loss is noticed; a slow machine a little more. */
const REFUSED_MS = 2_000 + 2_000 + 1_000
/** Until a node that found Redis again serves requests. */
const BACK_MS = 5_000
const EXPECTED: Refusal = { status: 503, retryAfter: true }

for (const [how, ms] of ALL_VARIANTS ? CUTS : CUTS.slice(1, 2)) {
  t.test(`C-24, C-27, D-7: one node is cut off from Redis for ${ms} ms (${how}), and every stream goes on where it was`,
    needing('nginx', 'redis'), async t => {
      const { cluster, proxies, ledger, traffic } = await working(t)
      const random = seeded()
      const victim = random.between(0, cluster.nodes.length - 1)
      const [node, proxy] = [cluster.nodes[victim], proxies[victim]]
      if (node === undefined || proxy === undefined) throw new Error('there is no such node')
      await sleep(WORK_MS)
      const session = traffic.clients.find(({ sessionId }) => sessionId !== undefined)?.sessionId ?? ''

      proxy.cut(how)
      const began = performance.now()
      const first = await offer(node, session)
      const took = performance.now() - began
      t.strictSame(first, EXPECTED, 'who asks it is told to come back')
      t.ok(took < REFUSED_MS, `and does not hang: ${Math.round(took)} ms`)
      const others = await Promise.all(cluster.nodes.filter(other => other !== node).map(other => offer(other, session)))
      t.strictSame(others.map(({ status }) => status), [200, 200], 'the others go on')
      t.strictSame(await come(node), EXPECTED, 'it opens no session')
      const opened = await Promise.all(cluster.nodes.filter(other => other !== node).map(come))
      t.strictSame(opened.map(({ status }) => status), [200, 200], 'the others do')
      const results = ledger.figures.results
      t.equal(await node.health('healthz'), 200, 'the process lives')
      await sleep(Math.max(0, began + ms - performance.now()))
      t.ok(ledger.figures.results > results, 'and so does the work')

      proxy.heal()
      t.ok(await serves(node, session), 'it serves again')
      await sleep(WORK_MS)
      await traffic.stop()

      t.comment([`${how} for ${ms} ms, first refused after ${Math.round(took)} ms`, ...ledger.report()].join('\n'))
      t.strictSame(ledger.violations, [])
      t.strictSame(cluster.accidents(), [])
    })
}

interface Working {
  readonly cluster: Cluster
  readonly proxies: readonly TcpProxy[]
  readonly ledger: Ledger
  readonly traffic: Traffic
}

async function working (t: Test): Promise<Working> {
  const redis = await startRedisServer()
  t.teardown(() => redis.close())
  const proxies = await Promise.all([1, 2, 3].map(() => TcpProxy.to(redis.port)))
  t.teardown(() => Promise.all(proxies.map(proxy => proxy.close())))
  const cluster = await startCluster(proxies.map(({ port }) => `redis://127.0.0.1:${port}`))
  t.teardown(() => cluster.close())
  const ledger = new Ledger()
  return { cluster, proxies, ledger, traffic: await startTraffic(cluster.url, ledger, seeded()) }
}

async function serves (node: ReferenceNode, session: string): Promise<boolean> {
  const deadline = performance.now() + BACK_MS
  while ((await offer(node, session)).status !== 200) {
    if (performance.now() > deadline) return false
    await sleep(50)
  }
  return true
}
