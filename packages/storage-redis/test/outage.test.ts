import t from 'tap'
import { redisStorage } from '../src/index.ts'
import { answers, recordingLog, until } from './helper.ts'
import { redisTest } from './redis-test.ts'
import { startRedisServer } from './redis-server.ts'
import { Outage } from '../src/outage.ts'

const ANYONE = { node: null, requestIds: [] }
const UNAVAILABLE = { code: 'MCP_STORAGE_UNAVAILABLE', statusCode: 503 }

await redisTest('Redis is killed and restarted in use', async t => {
  const server = await startRedisServer()
  const log = recordingLog()
  const storage = redisStorage({ url: server.url, timeoutMs: 300, log, events: { maxEvents: 1_000_000 } })
  t.teardown(async () => { await storage.close(); await server.close() })
  const heard: string[] = []
  let gaps = 0
  storage.bus.onGap(() => { gaps++ })
  await storage.bus.subscribe('c', message => heard.push(message))
  await storage.events.open('s', 'st', ANYONE)

  const writing = { on: true }
  const acknowledged: string[] = []
  const refusals: unknown[] = []
  const writer = (async () => {
    for (let number = 1; writing.on; number++) {
      try {
        await storage.events.append('s', 'st', [String(number)], false)
        acknowledged.push(String(number))
      } catch (error) {
        refusals.push(error)
        await new Promise(resolve => setTimeout(resolve, 5))
      }
    }
  })()
  for (let round = 1; round <= 3; round++) {
    const before = acknowledged.length
    await until(() => acknowledged.length > before + 20)
    await server.kill()
    await until(() => refusals.length > 0)
    const start = performance.now()
    await t.rejects(storage.sessions.read('x'), UNAVAILABLE)
    t.ok(performance.now() - start < 1000, 'refused quickly')
    await server.start()
    await until(() => gaps === round)
    refusals.length = 0
  }
  const before = acknowledged.length
  await until(() => acknowledged.length > before)
  writing.on = false
  await writer
  const end = await storage.events.append('s', 'st', [], false)
  const found: string[] = []
  while (found.length < end) {
    const page = await storage.events.read('s', 'st', found.length, 1000)
    t.same(page?.events.map(event => event.position), page?.events.map((_, index) => found.length + 1 + index), 'without gaps')
    for (const { message } of page?.events ?? []) found.push(message)
  }
  const kept = new Set(found)
  t.equal(kept.size, found.length, 'nothing twice')
  t.same(acknowledged.filter(message => !kept.has(message)), [], 'nothing acknowledged is lost')
  t.same(found, found.toSorted((one, other) => Number(one) - Number(other)), 'in order')

  await storage.bus.publish('c', 'after')
  await until(() => heard.length > 0)
  t.same(heard, ['after'], 'subscribed again, once')
  t.same(log.lines.map(line => line.replace(/:.*| after.*/, '')), Array(3).fill([
    'error Redis at 127.0.0.1', 'info Redis at 127.0.0.1'
  ]).flat())
})

await redisTest('Redis is paused and goes on', async t => {
  const server = await startRedisServer()
  const log = recordingLog()
  const storage = redisStorage({ url: server.url, timeoutMs: 250, log })
  t.teardown(async () => { await storage.close(); await server.close() })
  const heard: string[] = []
  await storage.bus.subscribe('c', message => heard.push(message))
  await storage.events.open('s', 'st', ANYONE)
  t.equal(await storage.events.append('s', 'st', ['1'], false), 1)

  server.pause()
  const start = performance.now()
  await t.rejects(storage.sessions.read('x'), UNAVAILABLE)
  t.ok(performance.now() - start < 900, 'refused after the timeout')
  await until(() => log.lines.length === 1)
  await until(async () => {
    const start = performance.now()
    await t.rejects(storage.sessions.read('x'), UNAVAILABLE)
    return performance.now() - start < 50
  })
  t.pass('refused at once when it lasts')
  server.resume()

  await until(() => log.lines.length === 2)
  t.equal(await storage.events.append('s', 'st', ['2'], false), 2)
  await until(async () => await answers(() => storage.bus.publish('c', 'm')) && heard.length > 0)
  t.same(log.lines.map(line => line.split(' ')[0]), ['error', 'info'])
})

await redisTest('a short outage is only a delay for calls that come meanwhile', async t => {
  const server = await startRedisServer()
  const log = recordingLog()
  const storage = redisStorage({ url: server.url, timeoutMs: 10_000, log })
  t.teardown(async () => { await storage.close(); await server.close() })
  await storage.events.open('s', 'st', ANYONE)
  await server.kill()
  // What is sent before the loss is noticed may have taken effect, so it is refused.
  await until(() => log.lines.length > 0)
  const waiting = [
    storage.events.append('s', 'st', ['1'], false), storage.events.append('s', 'st', ['2'], false), storage.events.read('s', 'st', 0, 10)
  ]
  await server.start()
  t.same(await Promise.all(waiting), [1, 2, { events: [{ position: 1, message: '1' }, { position: 2, message: '2' }], ended: false, owner: ANYONE }])
})

await redisTest('a question is asked again when its connection breaks', async t => {
  const server = await startRedisServer()
  const storage = redisStorage({ url: server.url, timeoutMs: 10_000, log: recordingLog() })
  t.teardown(async () => { await storage.close(); await server.close() })
  await storage.nodes.beat('a', 60_000)
  server.pause()
  const alive = storage.nodes.alive('a')
  const beat = storage.nodes.beat('b', 60_000)
  // The commands must be under way before the server dies.
  await new Promise(resolve => setImmediate(resolve))
  await Promise.all([server.kill(), t.rejects(beat, UNAVAILABLE)])
  await server.start()
  t.equal(await alive, true)
  t.equal(await storage.nodes.alive('b'), false)
})

await redisTest('a storage can be made before its Redis is there', async t => {
  const server = await startRedisServer()
  await server.kill()
  const log = recordingLog()
  const storage = redisStorage({ url: server.url, timeoutMs: 200, log })
  t.teardown(async () => { await storage.close(); await server.close() })
  const heard: string[] = []
  let gaps = 0
  storage.bus.onGap(() => { gaps++ })
  const leave = await storage.bus.subscribe('c', message => heard.push(message))
  await storage.bus.subscribe('left', message => heard.push(message)).then(leaveToo => leaveToo())
  await t.rejects(storage.sessions.count(), UNAVAILABLE)
  t.equal(log.lines.length, 1)

  await server.start()
  await until(() => log.lines.length === 2)
  await until(() => gaps === 1)
  for (const channel of ['left', 'c']) await storage.bus.publish(channel, channel)
  await until(() => heard.length > 0)
  t.same(heard, ['c'])
  await leave()
})

t.test('closed while Redis is out of reach: at once, and silently', async t => {
  const log = recordingLog()
  const storage = redisStorage({ url: 'redis://127.0.0.1:1', timeoutMs: 5000, log })
  const waiting = storage.sessions.read('x')
  const start = performance.now()
  await Promise.all([t.rejects(waiting, UNAVAILABLE), storage.close()])
  await storage.close()
  t.ok(performance.now() - start < 1000)
  await t.rejects(storage.sessions.read('x'), { ...UNAVAILABLE, message: /closed/ })
  await storage.bus.subscribe('c', () => {})
})

t.test('one line for a loss and one for the return, however many connections', async t => {
  const log = recordingLog()
  const outage = new Outage(log, 'here')
  outage.lost('one', 'ECONNREFUSED')
  outage.lost('two', 'ECONNREFUSED')
  outage.lost('one', 'ECONNREFUSED')
  outage.back('one')
  outage.back('three')
  t.equal(log.lines.length, 1)
  outage.back('two')
  t.match(log.lines, ['error Redis at here is out of reach: ECONNREFUSED', /^info Redis at here is back after \d+ ms$/])
  outage.end()
  outage.lost('one', 'closing')
  t.equal(log.lines.length, 2)
})
