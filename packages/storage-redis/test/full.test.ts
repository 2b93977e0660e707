/** A Redis whose memory is used up, with `noeviction`: what is new is rejected, what is there is served. */
import { redisStorage } from '../src/index.ts'
import { answers, recordingLog, until } from './helper.ts'
import { redisTest } from './redis-test.ts'
import { startRedisServer, type RedisServer } from './redis-server.ts'
import { startRedisCluster } from './redis-cluster.ts'
import type { RedisStorage } from '../src/index.ts'
import type { SessionRecord } from '@mcp/storage'
import type { Test } from 'tap'

const OWNER = { node: 'n', requestIds: [1] }
const CAPS = { total: 10_000, perPrincipal: 10_000 }
const FULL = { code: 'MCP_STORAGE_UNAVAILABLE', statusCode: 503, message: /OOM/ }

function session (id: string): SessionRecord {
  const now = Date.now()
  return {
    id,
    endpoint: '/mcp',
    revision: '2025-11-25',
    principalKey: 'ann',
    handshake: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
    createdAt: now,
    expiresAt: now + 60_000,
    state: { level: 'info' }
  }
}

/** Sets the bound below or above what is used. */
async function setFull (servers: readonly RedisServer[], full: boolean): Promise<void> {
  for (const server of servers) await server.command('CONFIG', 'SET', 'maxmemory', full ? '1' : '0')
}

async function keyCount (servers: readonly RedisServer[]): Promise<number> {
  let count = 0
  for (const server of servers) count += Number((await server.command('DBSIZE')).slice(1))
  return count
}

async function behavesWhenFull (t: Test, servers: readonly RedisServer[], storage: RedisStorage): Promise<void> {
  const { sessions, events, nodes, bus } = storage
  for (const id of ['kept', 'deleted', 'expiring']) {
    await sessions.create(session(id), CAPS)
    await events.open(id, 'st', OWNER)
    await events.append(id, 'st', ['1', '2'], false)
  }
  await nodes.beat('n', 60_000)
  await setFull(servers, true)
  const before = await keyCount(servers)

  await t.rejects(sessions.create(session('new'), CAPS), FULL)
  await t.rejects(sessions.patchState('kept', { more: 1 }), FULL)
  await t.rejects(events.open('kept', 'more', OWNER), FULL)
  await t.rejects(events.append('kept', 'st', ['3'], false), FULL)
  await t.rejects(events.append('kept', 'st', [], true), FULL)
  t.equal(await keyCount(servers), before, 'nothing was stored')

  t.match(await sessions.read('kept'), { principalKey: 'ann', state: { level: 'info' } })
  t.same((await events.read('kept', 'st', 0, 10))?.events.map(event => event.message), ['1', '2'])
  t.equal(await events.append('kept', 'st', [], false), 2)
  t.equal(await sessions.count(), 3)
  const expiresAt = Date.now() + 90_000
  await sessions.touch('kept', expiresAt)
  t.equal((await sessions.read('kept'))?.expiresAt, expiresAt, 'a session in use does not expire')
  await sessions.touch('expiring', Date.now() + 50)
  t.equal(await sessions.delete('deleted'), true)
  t.equal(await sessions.read('deleted'), undefined)
  await until(async () => await sessions.read('expiring') === undefined)
  await events.deleteSession('expiring')
  t.equal(await sessions.count(), 1)
  await nodes.beat('n', 60_000)
  await nodes.beat('late', 60_000)
  t.ok(await nodes.alive('n') && await nodes.alive('late'), 'nodes live')
  await nodes.leave('late')
  await bus.publish('c', 'm')

  await setFull(servers, false)
  t.equal(await sessions.create(session('new'), CAPS), 'created')
  t.equal(await events.append('kept', 'st', ['3'], true), 3)
  await sessions.patchState('kept', { more: 1 })
  t.same((await sessions.read('kept'))?.state, { level: 'info', more: 1 })
}

await redisTest('a full Redis rejects what is new and serves what is there', async t => {
  const server = await startRedisServer({ 'maxmemory-policy': 'noeviction' })
  const log = recordingLog()
  const storage = redisStorage({ url: server.url, timeoutMs: 100, log })
  t.teardown(async () => { await storage.close(); await server.close() })
  await behavesWhenFull(t, [server], storage)
  await until(async () => {
    await storage.sessions.create(session('new'), CAPS)
    return log.lines.length > 1
  })
  t.match(log.lines, [/^error Redis at .* rejects commands: OOM command not allowed/, /^info Redis at .* is back after \d+ ms$/], 'two lines for all of it')
})

await redisTest('a full cluster does the same', async t => {
  const cluster = await startRedisCluster()
  const storage = redisStorage({ cluster: cluster.urls, timeoutMs: 5000, log: recordingLog() })
  t.teardown(async () => { await storage.close(); await cluster.close() })
  await behavesWhenFull(t, cluster.nodes, storage)
})

await redisTest('a Redis that fills up stays within its memory', async t => {
  const bound = 8_000_000
  const server = await startRedisServer({ 'maxmemory-policy': 'noeviction', maxmemory: bound })
  const { sessions, events, close } = redisStorage({ url: server.url, log: recordingLog(), timeoutMs: 5000 })
  t.teardown(async () => { await close(); await server.close() })
  let created = 0
  const large = 'x'.repeat(20_000)
  while (created < 2000 && await answers(() => sessions.create({ ...session(`s${created}`), state: { large } }, CAPS))) created++
  t.ok(created > 10 && created < 400, `${created} sessions`)
  for (let number = 0; number < 40; number++) {
    await t.rejects(sessions.create({ ...session(`late${number}`), state: { large } }, CAPS), FULL)
    await t.rejects(async () => {
      await events.open('s0', `st${number}`, OWNER)
      await events.append('s0', `st${number}`, [large], true)
    }, FULL)
  }
  const used = Number(/used_memory:(\d+)/.exec(await server.command('INFO', 'memory'))?.[1])
  t.ok(used < bound * 1.1, `${used} bytes`)
  for (let number = 0; number < created / 2; number++) t.equal(await sessions.delete(`s${number}`), true)
  t.equal(await sessions.create(session('after'), CAPS), 'created', 'there is room again')
})
