import { redisStorage } from '../src/index.ts'
import { redisTest } from './redis-test.ts'
import { PATIENT, startRedisServer } from './redis-server.ts'

const MIB = 1024 * 1024
const OWNER = { node: null, requestIds: [] }

await redisTest('a message larger than maxBytes is counted, not kept, and not sent', async t => {
  const server = await startRedisServer()
  const storage = redisStorage({ url: server.url, events: { maxBytes: MIB }, ...PATIENT })
  t.teardown(async () => {
    await storage.close()
    await server.close()
  })
  const received = async (): Promise<number> => Number(/total_net_input_bytes:(\d+)/.exec(await server.command('INFO', 'stats'))?.[1])
  const { events } = storage
  await events.open('s', 'st', OWNER)
  t.equal(await events.append('s', 'st', ['1'], false, 0), 1)
  const before = await received()
  t.equal(await events.append('s', 'st', ['2', 'x'.repeat(64 * MIB)], false, 1), 3)
  t.ok(await received() - before < MIB, 'Redis did not get it')
  t.equal(await events.read('s', 'st', 0, 10), null, 'the stream cannot be read across it')
  t.equal(await events.append('s', 'st', ['4'], true, 3), 4)
  t.same((await events.read('s', 'st', 3, 10))?.events, [{ position: 4, message: '4' }])
  t.equal(await events.append('s', 'st', [], false), 4, 'the end is where it was')
})

await redisTest('a message as large as maxBytes allows is kept', async t => {
  const server = await startRedisServer()
  const storage = redisStorage({ url: server.url, events: { maxBytes: 20 * MIB }, ...PATIENT })
  t.teardown(async () => {
    await storage.close()
    await server.close()
  })
  const message = 'ü'.repeat(10 * MIB)
  await storage.events.open('s', 'st', OWNER)
  await storage.events.append('s', 'st', [message], true)
  const page = await storage.events.read('s', 'st', 0, 10)
  t.ok(page?.events[0]?.message === message)
})
