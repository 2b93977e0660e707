/** What a request costs Redis. */
import { mcpStorage } from '@mcp/storage'
import { mcpStreamable } from '@mcp/streamable-core'
import Fastify from 'fastify'
import t from 'tap'
import { redisStorage } from '../../../packages/storage-redis/src/index.ts'
import { startRedisServer, type RedisServer } from '../../../packages/storage-redis/test/redis-server.ts'
import { needing } from './lib/settings.ts'

const CALLS = 25
const REVISION = '2025-11-25'
/** The node says that it lives, connections that they do; this test asks for the counts. */
const ASIDE = new Set(['set', 'ping', 'info'])

t.test('a request in a session that is answered with JSON is one command, and so one round trip', needing('redis'), async t => {
  const redis = await startRedisServer()
  const app = Fastify()
  t.teardown(async () => {
    await app.close()
    await redis.close()
  })
  await app.register(mcpStorage, { storage: redisStorage({ url: redis.url }) })
  await app.register(mcpStreamable, {
    application: async exchange => {
      const { message } = exchange
      if (!('id' in message) || !('method' in message)) return
      const opened = { protocolVersion: REVISION, capabilities: {}, serverInfo: { name: 'trips', version: '1' } }
      await exchange.send({ jsonrpc: '2.0', id: message.id, result: message.method === 'initialize' ? opened : {} })
    }
  })
  await app.ready()
  const headers: Record<string, string> = { host: 'localhost', accept: 'application/json, text/event-stream' }
  const ask = async (method: string, params = {}) => {
    const reply = await app.inject({ method: 'POST', url: '/mcp', headers, payload: { jsonrpc: '2.0', id: 1, method, params } })
    t.equal(reply.statusCode, 200, method)
    return reply
  }
  const opened = await ask('initialize', { protocolVersion: REVISION, capabilities: {}, clientInfo: { name: 'test', version: '1' } })
  Object.assign(headers, { 'mcp-session-id': opened.headers['mcp-session-id'], 'mcp-protocol-version': REVISION })
  await ask('ping')

  const before = await commandsOf(redis)
  for (let call = 0; call < CALLS; call++) await ask('tools/call', { name: 'echo', arguments: {} })
  const after = await commandsOf(redis)
  const taken = [...after].map(([name, count]) => [name, count - (before.get(name) ?? 0)] as const).filter(([, count]) => count > 0)
  t.strictSame(taken, [['hgetall', CALLS]])
})

/** How often each command was carried out so far. */
async function commandsOf (redis: RedisServer): Promise<Map<string, number>> {
  const stats = await redis.command('INFO', 'commandstats')
  const counts = [...stats.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)].map(([, name = '', calls]) => [name, Number(calls)] as const)
  return new Map(counts.filter(([name]) => !ASIDE.has(name)))
}
