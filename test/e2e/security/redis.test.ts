import { once } from 'node:events'
import { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import { redisIsMissing, startRedisServer, type RedisServer } from '../../../packages/storage-redis/test/redis-server.ts'
import { modernCall, startEndpoint, statuses, type Endpoint } from './lib/endpoint.ts'

const missing = redisIsMissing()
const skip = missing === false ? false : missing
if (missing !== false && process.env['CI'] === 'true') t.fail(missing)

/** A client as an application makes it, with the settings of ioredis itself. */
async function connected (t: Test, server: RedisServer): Promise<Redis> {
  const redis = new Redis(server.url)
  redis.on('error', () => {})
  t.teardown(() => redis.disconnect())
  await once(redis, 'ready')
  return redis
}

async function call (node: Endpoint, token = 'alice', tool = 'echo'): Promise<number> {
  const [body, headers] = modernCall(tool, token)
  return (await statuses(1, () => node.post(body, headers)))[0] ?? 0
}

async function calls (nodes: readonly Endpoint[], token = 'alice'): Promise<number[]> {
  const all: number[] = []
  for (const node of nodes) all.push(await call(node, token))
  return all
}

t.test('H-11 two nodes with one Redis count together: by address, principal and tool', { skip }, async t => {
  const server = await startRedisServer()
  t.teardown(() => server.close())
  const options = async (rateLimit: object) => ({ rateLimit: { redis: await connected(t, server), ...rateLimit } })
  const start = async (rateLimit: object) => [
    await startEndpoint(t, await options(rateLimit)), await startEndpoint(t, await options(rateLimit))
  ] as const

  const [a, b] = await start({ principal: { max: 3 } })
  t.strictSame(await calls([a, b, a, b, a]), [200, 200, 200, 429, 429])
  t.strictSame(await calls([a, b], 'bob'), [200, 200])

  const [c, d] = await start({ tools: { echo: { max: 1, timeWindow: '1 hour' } }, keyPrefix: 'tools:' })
  t.strictSame(await calls([c, d]), [200, 429])

  const [e, f] = await start({ address: { max: 2 }, keyPrefix: 'address:' })
  t.strictSame(await calls([e, f, e]), [200, 200, 429])

  const redis = await connected(t, server)
  const keys = await redis.keys('*')
  t.ok(keys.length >= 5)
  for (const key of keys) t.ok(await redis.pttl(key) > 0, `${key} does not stay for ever`)
})

t.test('H-11 counting starts anew when the window in Redis is over', { skip }, async t => {
  const server = await startRedisServer()
  t.teardown(() => server.close())
  const node = await startEndpoint(t, { rateLimit: { redis: await connected(t, server), principal: { max: 1, timeWindow: 400 } } })
  t.strictSame(await calls([node, node]), [200, 429])
  while (await call(node) !== 200);
})

t.test('H-11 without Redis each node counts for itself, nobody waits and nobody is turned away for it; then they count together again', { skip }, async t => {
  const server = await startRedisServer()
  t.teardown(() => server.close())
  const rateLimit = { principal: { max: 4 } }
  const redis = await connected(t, server)
  const a = await startEndpoint(t, { rateLimit: { ...rateLimit, redis } })
  const b = await startEndpoint(t, { rateLimit: { ...rateLimit, redis: await connected(t, server) } })
  t.strictSame(await calls([a, b]), [200, 200])

  await server.kill()
  t.strictSame(await calls([a, a, a, a, a]), [200, 200, 200, 200, 429], 'its own count begins at nothing')
  t.strictSame(await calls([b, b, b, b, b]), [200, 200, 200, 200, 429])

  await server.start()
  if (redis.status !== 'ready') await once(redis, 'ready')
  // What was counted before is still there: two of four.
  while (await call(a) !== 200);
  t.strictSame(await calls([a, a]), [200, 429])
})

t.test('H-11 a Redis that keeps its connections and answers nothing holds up one request a second, for a moment', { skip }, async t => {
  const server = await startRedisServer()
  t.teardown(() => server.close())
  const node = await startEndpoint(t, { rateLimit: { redis: await connected(t, server), address: false } })
  t.equal(await call(node), 200)
  server.pause()
  const began = performance.now()
  t.strictSame(await calls(Array.from({ length: 20 }, () => node)), Array.from({ length: 20 }, () => 200))
  t.ok(performance.now() - began < 5000, 'not 20 times the patience')
  server.resume()
})
