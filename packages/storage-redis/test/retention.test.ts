import { redisStorage } from '../src/index.ts'
import { redisTest } from './redis-test.ts'
import { startRedisServer } from './redis-server.ts'
import { until } from './helper.ts'
import type { SessionRecord } from '@mcp/storage'
import type { RedisServer } from './redis-server.ts'

const CAPS = { total: 100, perPrincipal: 100 }
const OWNER = { node: null, requestIds: [] }

function session (id: string, lifeMs: number): SessionRecord {
  const now = Date.now()
  const clientInfo = { name: 'test', version: '1' }
  return {
    id,
    endpoint: '/mcp',
    revision: '2025-11-25',
    principalKey: 'ann',
    handshake: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo },
    createdAt: now,
    expiresAt: now + lifeMs,
    state: { level: 'info' }
  }
}

async function keysOf (server: RedisServer): Promise<string[]> {
  return (await server.command('KEYS', '*')).split('\r\n').filter((_, index) => index % 2 === 0).slice(1)
}

/** How often Redis ran commands, by name; a script and what it calls count apart. */
async function calls (server: RedisServer): Promise<Record<string, number>> {
  const found = (await server.command('INFO', 'commandstats')).matchAll(/cmdstat_([\w|]+):calls=(\d+)/g)
  return Object.fromEntries([...found].map(([, name, count]) => [name, Number(count)]))
}

await redisTest('deleting sessions leaves nothing behind', async t => {
  const server = await startRedisServer()
  const { sessions, events, nodes, close } = redisStorage({ url: server.url })
  t.teardown(async () => { await close(); await server.close() })
  for (const id of ['1', '2']) {
    await sessions.create(session(id, 60_000), CAPS)
    for (const stream of ['a', 'b', 'c']) {
      await events.open(id, stream, OWNER)
      await events.append(id, stream, ['1', '2'], stream === 'b')
    }
  }
  await nodes.beat('n', 60_000)
  t.equal((await keysOf(server)).length, 2 * (1 + 2 + 3) + 2 + 4 + 1)
  await events.deleteSession('1')
  await sessions.delete('1')
  await sessions.delete('2')
  await nodes.leave('n')
  t.same(await keysOf(server), [])
})

await redisTest('everything has a time to live, and goes by itself', async t => {
  const server = await startRedisServer()
  const { sessions, events, nodes, close } = redisStorage({ url: server.url, events: { maxAgeMs: 50 } })
  t.teardown(async () => { await close(); await server.close() })
  await sessions.create(session('1', 60_000), CAPS)
  await events.open('1', 'a', OWNER)
  await events.append('1', 'a', ['1', '2'], false)
  await nodes.beat('n', 500)
  const keys = await keysOf(server)
  t.equal(keys.length, 7 + 4)
  for (const key of keys) t.ok(Number((await server.command('PTTL', key)).slice(1)) > 0, key)
  await sessions.touch('1', Date.now() + 500)
  for (const key of keys) t.ok(Number((await server.command('PTTL', key)).slice(1)) <= 1050, key)
  await until(async () => (await keysOf(server)).length === 0)
})

await redisTest('events written in a session live as long as it does, and longer with it', async t => {
  const server = await startRedisServer()
  const { sessions, events, close } = redisStorage({ url: server.url, keyPrefix: 'p:' })
  t.teardown(async () => { await close(); await server.close() })
  const life = async (key: string) => Math.round(Number((await server.command('PTTL', key)).slice(1)) / 1000)
  await events.open('1', 'a', OWNER)
  t.equal(await life('p:{s1}:log'), 660)
  await sessions.create(session('1', 100_000), CAPS)
  t.equal(await life('p:{s1}:log'), 100)
  await sessions.touch('1', Date.now() + 300_000)
  await events.append('1', 'a', ['1'], false)
  for (const key of ['p:{s1}:log', 'p:{s1}:runs', 'p:{s1}:session', 'p:sessions', 'p:principal:ann']) t.equal(await life(key), 300, key)
})

await redisTest('one command per call', async t => {
  const server = await startRedisServer()
  const { sessions, events, nodes, bus, close } = redisStorage({ url: server.url })
  t.teardown(async () => { await close(); await server.close() })
  const work: Array<[name: string, command: string, call: () => Promise<unknown>]> = [
    ['create', 'evalsha', () => sessions.create(session('1', 60_000), CAPS)],
    ['read', 'hgetall', () => sessions.read('1')],
    ['touch', 'evalsha', () => sessions.touch('1', Date.now() + 60_000)],
    ['patchState', 'evalsha', () => sessions.patchState('1', { a: 1 })],
    ['open', 'evalsha', () => events.open('1', 'a', OWNER)],
    ['append of 100', 'evalsha', () => events.append('1', 'a', Array(100).fill('1'), false)],
    ['read of 50', 'evalsha', () => events.read('1', 'a', 50, 50)],
    ['publish', 'publish', () => bus.publish('c', 'm')],
    ['beat', 'evalsha', () => nodes.beat('n', 1000)],
    ['alive', 'exists', () => nodes.alive('n')],
    ['count', 'evalsha', () => sessions.count()],
    ['delete', 'evalsha', () => sessions.delete('1')]
  ]
  // The first of each script takes it along; from then on a connection only names it.
  for (const [, , call] of work) await call()
  await sessions.create(session('1', 60_000), CAPS)
  await events.open('1', 'a', OWNER)
  await events.append('1', 'a', Array(100).fill('1'), false)
  for (const [name, command, call] of work) {
    await server.command('CONFIG', 'RESETSTAT')
    await call()
    const seen = await calls(server)
    t.equal(seen[command], 1, name)
    t.equal(seen['eval'], undefined, name)
  }
})

await redisTest('a burst larger than what is kept, and messages larger than all of it', async t => {
  const server = await startRedisServer()
  const { events, close } = redisStorage({ url: server.url, events: { maxEvents: 1000, maxBytes: 10_000 } })
  t.teardown(async () => { await close(); await server.close() })
  await events.open('s', 'a', OWNER)
  await events.open('s', 'b', OWNER)
  t.equal(await events.append('s', 'a', Array.from({ length: 20_000 }, (_, index) => String(index + 1)), false), 20_000)
  t.equal(await events.read('s', 'a', 18_999, 1), null)
  t.same((await events.read('s', 'a', 19_000, 1))?.events, [{ position: 19_001, message: '19001' }])
  t.equal((await events.read('s', 'a', 19_000, 5000))?.events.length, 1000)
  t.equal(await events.append('s', 'b', ['x'.repeat(10_001)], false), 1, 'counted')
  t.equal(await events.read('s', 'b', 0, 1), null, 'and not kept')
  t.same((await events.read('s', 'b', 1, 1))?.events, [])
  t.equal(await events.read('s', 'a', 19_999, 1), null, 'the oldest go first')
})

await redisTest('scripts that Redis forgot are sent again', async t => {
  const server = await startRedisServer()
  const { events, close } = redisStorage({ url: server.url })
  t.teardown(async () => { await close(); await server.close() })
  await events.open('s', 'a', OWNER)
  t.equal(await events.append('s', 'a', ['1'], false), 1)
  await server.command('SCRIPT', 'FLUSH')
  const appended = ['2', '3', '4'].map(message => events.append('s', 'a', [message], false))
  t.same(await Promise.all(appended), [2, 3, 4])
  t.same((await events.read('s', 'a', 0, 10))?.events.map(event => event.message), ['1', '2', '3', '4'])
})

await redisTest('state may have any name', async t => {
  const server = await startRedisServer()
  const { sessions, close } = redisStorage({ url: server.url })
  t.teardown(async () => { await close(); await server.close() })
  const state = JSON.parse('{"__proto__":{"a":1},"constructor":2,"":3,"s:x":[],"record":{},"expires":0}')
  await sessions.create({ ...session('1', 60_000), state }, CAPS)
  const names = Object.keys(state).toSorted()
  t.same(Object.keys((await sessions.read('1'))?.state ?? {}).toSorted(), names)
  await sessions.patchState('1', JSON.parse('{"__proto__":{"b":[]}}'))
  const found = (await sessions.read('1'))?.state ?? {}
  t.equal(JSON.stringify(Object.getOwnPropertyDescriptor(found, '__proto__')?.value), '{"b":[]}')
})

await redisTest('prefixes are worlds of their own', async t => {
  const server = await startRedisServer()
  const [one, two] = ['one:', 'two:'].map(keyPrefix => redisStorage({ url: server.url, keyPrefix }))
  t.teardown(async () => { await one?.close(); await two?.close(); await server.close() })
  const heard: string[] = []
  await two?.bus.subscribe('c', message => heard.push(message))
  await one?.sessions.create(session('1', 60_000), CAPS)
  await one?.nodes.beat('n', 60_000)
  await one?.bus.publish('c', 'from one')
  await two?.bus.publish('c', 'from two')
  await until(() => heard.length > 0)
  t.same(heard, ['from two'])
  t.equal(await two?.sessions.read('1'), undefined)
  t.equal(await two?.sessions.count(), 0)
  t.equal(await two?.nodes.alive('n'), false)
})
