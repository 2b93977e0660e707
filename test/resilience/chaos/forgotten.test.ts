/** Redis forgets what nodes use: by a flush, an eviction, a deleted key, or a restart from an older state. No call may hang on it. */
import t, { type Test } from 'tap'
import { startRedisServer, type RedisServer } from '../../../packages/storage-redis/test/redis-server.ts'
import { Events, openSession, OPENING, post, request } from './lib/raw-client.ts'
import { startNode, type ReferenceNode } from './lib/reference-node.ts'
import { ALL_VARIANTS, needing } from './lib/settings.ts'

/** A call ends within seconds. */
const SOON_MS = 8_000
const COUNTDOWN = { name: 'countdown', arguments: { seconds: 60 } }

/** Options for a test that the short run leaves out. */
function variant (): ReturnType<typeof needing> {
  return ALL_VARIANTS ? needing('redis') : { ...needing('redis'), skip: 'MCP_CHAOS_VARIANTS is not "all"' }
}

interface Started {
  readonly redis: RedisServer
  readonly node: ReferenceNode
}

async function started (t: Test, settings: Readonly<Record<string, string | number>> = {}): Promise<Started> {
  const redis = await startRedisServer({ appendonly: 'no', ...settings })
  t.teardown(() => redis.close())
  const node = await startNode({ MCP_STORAGE: redis.url, MCP_LEGACY_SSE: 'on' })
  t.teardown(() => node.kill())
  return { redis, node }
}

/**
 * Runs calls of each kind, lets `forget` happen, and expects an error for each of them.
 *
 * @param what Of a session that is still known, a call that has no stream yet goes on.
 */
async function lose (t: Test, { node, redis }: Started, what: 'sessions' | 'streams', forget: () => Promise<unknown>): Promise<void> {
  const session = await openSession(node)
  const noisy = new Events(await post(node.url, request('tools/call', { ...COUNTDOWN, _meta: { progressToken: 1 } }, 7), session))
  await noisy.next(message => message.method === 'notifications/progress')
  const silent = what === 'sessions' ? post(node.url, request('tools/call', COUNTDOWN, 8), session) : null
  const sse = new Events(await fetch(new URL('/sse', node.url)))
  const endpoint = new URL(await sse.data(), node.url).href
  await post(endpoint, request('initialize', OPENING))
  await sse.next(message => message.id === 1)
  await post(endpoint, request('tools/call', COUNTDOWN, 9))
  await post(endpoint, request('ping', {}, 10))
  await sse.next(message => message.id === 10)

  await forget()
  const since = performance.now()
  const lost = (id: number) => ({ id, error: { code: -32603, message: /storage/ } })
  t.match(await noisy.next(message => 'error' in message), lost(7))
  if (silent !== null) t.match(JSON.parse((await (await silent).text()).replace(/^[^{]*/, '')), lost(8))
  t.match(await sse.next(message => 'error' in message), lost(9))
  t.ok(performance.now() - since < SOON_MS, 'within seconds')
  await noisy.rest()
  await sse.rest()

  await redis.command('CONFIG', 'SET', 'maxmemory', '0')
  const next = await openSession(node)
  t.equal((await post(node.url, request('ping', {}, 11), next)).status, 200, 'new sessions work')
  t.strictSame(node.process.accidents, [])
}

t.test('C-26, D-7: FLUSHALL', needing('redis'), async t => {
  const all = await started(t)
  await lose(t, all, 'sessions', () => all.redis.command('FLUSHALL'))
})

t.test('C-26: keys of events are deleted', variant(), async t => {
  const all = await started(t)
  await lose(t, all, 'streams', async () => {
    const keys = (await all.redis.command('KEYS', '*')).split('\r\n').filter(line => line.includes('log'))
    t.ok(keys.length > 0)
    await all.redis.command('DEL', ...keys)
  })
})

t.test('C-26, D-7: a restart from an older state', variant(), async t => {
  const all = await started(t)
  await all.redis.command('SAVE')
  await lose(t, all, 'sessions', async () => {
    await all.redis.kill()
    await all.redis.start()
  })
})

t.test('C-26, D-7: eviction by allkeys-lru', needing('redis'), async t => {
  const all = await started(t, { 'maxmemory-policy': 'allkeys-lru' })
  await lose(t, all, 'sessions', async () => {
    await all.redis.command('CONFIG', 'SET', 'maxmemory', '1')
  })
})
