/** A node is asked to stop while official clients work. */
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { startRedisServer } from '../../../packages/storage-redis/test/redis-server.ts'
import { startNginx } from './lib/nginx.ts'
import { Ledger } from './lib/ledger.ts'
import { startNode, type ReferenceNode } from './lib/reference-node.ts'
import { needing, seeded } from './lib/settings.ts'
import { startTraffic } from './lib/traffic.ts'

/** Between saying that it stops and stopping. */
const DRAIN_MS = 3_000
/** Running requests get five seconds, connections as long; a slow machine a little more. */
const DEADLINE_MS = DRAIN_MS + 10_000
const WORK_MS = 1_500

t.test('C-15, E-41: SIGTERM under load: not ready, no new sessions, streams end with a time to wait, and clients go on elsewhere',
  needing('nginx', 'redis'), async t => {
    const redis = await startRedisServer()
    t.teardown(() => redis.close())
    const settings = { MCP_STORAGE: redis.url, MCP_ALLOWED_HOSTS: '127.0.0.1', MCP_DRAIN_MS: String(DRAIN_MS) }
    const nodes = await Promise.all([startNode(settings), startNode(settings), startNode(settings)])
    const nginx = await startNginx(nodes.map(({ port }) => port))
    t.teardown(async () => {
      await Promise.all(nodes.map(node => node.kill()))
      await nginx.close()
    })
    const ledger = new Ledger()
    ledger.strict = false
    const traffic = await startTraffic(nginx.url, ledger, seeded())

    for (const node of nodes) {
      await sleep(WORK_MS)
      const began = performance.now()
      const ended = node.process.end('SIGTERM')
      t.equal(await unready(node), 503, 'it says that it is not ready')
      t.equal(await node.health('healthz'), 200, 'and that it lives')
      t.equal(await opening(node), 503, 'it takes no new session')
      t.equal(await ended, 0, 'it ends by itself and in order')
      const took = performance.now() - began
      t.ok(took < DEADLINE_MS, `it ends in time, after ${Math.round(took)} ms`)
      await node.start()
    }
    await traffic.stop()

    t.comment(ledger.report().join('\n'))
    t.strictSame(ledger.violations, [])
    t.notOk([...ledger.figures.errors.keys()].includes('the node is gone'), 'no request was given up')
  })

/** Asks until it no longer says that it is ready; the drain is the limit. */
async function unready (node: ReferenceNode): Promise<number | string> {
  const deadline = performance.now() + DRAIN_MS
  for (;;) {
    const status = await node.health('readyz')
    if (status !== 200 || performance.now() > deadline) return status
  }
}

async function opening ({ url }: ReferenceNode): Promise<number> {
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'late', version: '1' } }
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params })
  })
  await response.body?.cancel()
  return response.status
}
