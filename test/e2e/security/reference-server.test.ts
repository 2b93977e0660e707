import { buildApp } from '@mcp/reference-server/src/app.ts'
import { readConfig } from '@mcp/reference-server/src/config.ts'
import t from 'tap'
import { redisIsMissing, startRedisServer } from '../../../packages/storage-redis/test/redis-server.ts'
import { modernCall } from './lib/endpoint.ts'

const skip = redisIsMissing()

t.test('H-11 reference servers that share their storage in Redis share what MCP_RATE_LIMIT counts', { skip }, async t => {
  const redis = await startRedisServer()
  t.teardown(() => redis.close())
  const start = async () => {
    const config = readConfig({ LOG_LEVEL: 'silent', MCP_STORAGE: redis.url, MCP_APPLICATION: 'raw', MCP_RATE_LIMIT: '4/minute' })
    const app = await buildApp(config)
    t.teardown(() => app.close())
    const origin = await app.listen({ host: '127.0.0.1', port: 0 })
    const call = async () => {
      const [body, { authorization: _, ...headers }] = modernCall('echo', 'anybody')
      const fields = { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers }
      const reply = await fetch(`${origin}/mcp`, { method: 'POST', headers: fields, body: JSON.stringify(body) })
      await reply.text()
      return reply.status
    }
    return call
  }
  const [a, b] = [await start(), await start()]
  const seen: number[] = []
  // Until its connection is there, a node counts for itself: then b would say 200 at first.
  while (seen.at(-1) !== 429) seen.push(await a())
  const others: number[] = []
  while (others.at(-1) !== 429) others.push(await b())
  t.ok(others.length < 4, 'b has heard of what a was asked')
})
