/** A Redis without room: what is new is rejected with 503, what is there goes on, and nothing has to be restarted. */
import { mcpStorage } from '@mcp/storage'
import t from 'tap'
import { redisStorage } from '../../../packages/storage-redis/src/index.ts'
import { startRedisServer } from '../../../packages/storage-redis/test/redis-server.ts'
import { needing } from '../../resilience/chaos/lib/settings.ts'
import { leaks } from './lib/leaks.ts'
import { startTarget } from './lib/target.ts'
import { openStream, toolCall } from './lib/wire.ts'

const INITIALIZE = {
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } }
}

t.test('H-7 D-7 a full Redis rejects initialize with 503, serves and ends the sessions there are, and everything resumes', needing('redis'), async t => {
  const redis = await startRedisServer({ 'maxmemory-policy': 'noeviction' })
  t.teardown(() => redis.close())
  const lines: string[] = []
  const write = (_details: object, text: string): void => { lines.push(text) }
  const log = { info: write, error: write }
  const storage = redisStorage({ url: redis.url, timeoutMs: 5_000, log })
  const target = await startTarget(t, { prepare: app => { app.register(mcpStorage, { storage }) } })
  const [kept, ended] = [await target.openSession('alice'), await target.openSession('alice')]
  const running = await openStream(t, target.origin + '/mcp', kept, toolCall('hold', 'held'))
  await running.until(text => text.includes('progress'))

  await redis.command('CONFIG', 'SET', 'maxmemory', '1')
  for (let attempt = 0; attempt < 20; attempt++) {
    const rejected = await target.post(INITIALIZE, target.as.alice)
    t.equal(rejected.status, 503)
    t.ok(rejected.headers['retry-after'])
    t.notOk(rejected.headers['mcp-session-id'])
  }
  const answered = await target.post(toolCall('echo', 1, { a: 1 }), kept)
  t.match(answered, { status: 200, text: /"id":1/ }, 'a call whose answer needs no storage')
  t.equal((await target.send('DELETE', '/mcp', ended)).status, 204)
  t.equal((await target.post(toolCall('echo'), ended)).status, 404, 'ended sessions are gone')
  t.equal(await storage.sessions.count(), 1)

  await redis.command('CONFIG', 'SET', 'maxmemory', '0')
  target.release()
  t.match(await running.rest(), '"id":"held"', 'the running call ends with its result')
  const opened = await target.openSession('alice')
  t.match(await target.post(toolCall('echo', 2), opened), { status: 200, text: /"id":2/ })
  const streamed = await openStream(t, target.origin + '/mcp', opened, toolCall('hold', 3))
  await streamed.until(text => text.includes('progress'))
  target.release()
  t.match(await streamed.rest(), '"id":3')
  t.equal(lines.filter(text => text.includes('OOM')).length, 1, 'one line for the outage')
  await target.app.close()
  t.strictSame(target.log.filter(line => line.includes('"stack"')), [], 'no stack traces')
  t.strictSame(leaks(target.log, target.secrets), [], 'no secret in the log')
})
