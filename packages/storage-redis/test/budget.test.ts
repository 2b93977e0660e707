/** The budget in bytes: exact on one server, what is charged goes with what it was charged for. */
import { redisStorage } from '../src/index.ts'
import { until } from './helper.ts'
import { redisTest } from './redis-test.ts'
import { PATIENT, startRedisServer, type RedisServer } from './redis-server.ts'
import { startRedisCluster } from './redis-cluster.ts'
import type { SessionRecord } from '@mcp/storage'

const KIB = 1024
const OWNER = { node: null, requestIds: [] }
const CAPS = { total: 10_000, perPrincipal: 10_000 }
const TEXT = 'x'.repeat(10 * KIB)

function session (id: string, owner: string, lifeMs = 60_000): SessionRecord {
  const now = Date.now()
  return {
    id,
    endpoint: '/mcp',
    revision: '2025-11-25',
    principalKey: owner,
    handshake: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
    createdAt: now,
    expiresAt: now + lifeMs,
    state: {}
  }
}

async function accounts (server: RedisServer, prefix = 'mcp:{bytes}:'): Promise<{ total: number, owners: Record<string, number>, charges: number }> {
  const lines = async (...words: string[]): Promise<string[]> => (await server.command(...words)).split('\r\n').filter(line => !/^[*$]/.test(line))
  const total = Number((await lines('GET', `${prefix}total`))[0] ?? 0)
  const owners = await lines('ZRANGE', `${prefix}owners`, '0', '-1', 'WITHSCORES')
  const pairs = owners.flatMap((owner, index) => index % 2 === 0 ? [[owner, Number(owners[index + 1])] as const] : [])
  return { total, owners: Object.fromEntries(pairs), charges: Number((await server.command('ZCARD', `${prefix}charges`)).slice(1)) }
}

await redisTest('what is charged is the sum of what there is, and nothing is charged when all is gone', async t => {
  const server = await startRedisServer()
  const { sessions, events, close } = redisStorage({ url: server.url, budget: { bytes: 400 * KIB, bytesPerOwner: 200 * KIB }, ...PATIENT })
  t.teardown(async () => { await close(); await server.close() })
  for (let number = 0; number < 30; number++) {
    const [id, owner] = [`s${number}`, ['ann', 'bob', 'cy'][number % 3] ?? '']
    if (number % 2 === 0) await sessions.create(session(id, owner), CAPS)
    for (const stream of ['open', 'done']) {
      await events.open(id, stream, OWNER)
      await events.append(id, stream, [TEXT, TEXT], stream === 'done')
    }
    if (number % 2 === 1) await sessions.create(session(id, owner), CAPS)
    await sessions.patchState(id, { level: 'debug', large: 'y'.repeat(500) })
    await sessions.patchState(id, { large: undefined })
    const { total, owners } = await accounts(server)
    t.equal(total, Object.values(owners).reduce((sum, bytes) => sum + bytes, 0))
    t.ok(total <= 400 * KIB && Object.values(owners).every(bytes => bytes <= 200 * KIB), JSON.stringify(owners))
    t.strictSame(Object.keys(owners).filter(name => name === ''), [])
  }
  t.ok((await accounts(server)).total > 300 * KIB)
  for (let number = 0; number < 30; number++) {
    if (number % 3 === 0) await events.deleteSession(`s${number}`)
    await sessions.delete(`s${number}`)
  }
  t.same(await accounts(server), { total: 0, owners: {}, charges: 0 })
  t.equal(await server.command('KEYS', '*'), '*0')
})

await redisTest('what has expired is charged no longer', async t => {
  const server = await startRedisServer()
  const { sessions, events, close } = redisStorage({ url: server.url, budget: { bytes: 400 * KIB, bytesPerOwner: 200 * KIB }, ...PATIENT })
  t.teardown(async () => { await close(); await server.close() })
  for (const owner of ['ann', 'bob']) {
    for (let number = 0; number < 5; number++) {
      await sessions.create(session(`${owner}${number}`, owner, 1500), CAPS)
      await events.open(`${owner}${number}`, 'st', OWNER)
      await events.append(`${owner}${number}`, 'st', [TEXT], false)
    }
  }
  await sessions.create(session('kept', 'ann'), CAPS)
  await until(async () => await sessions.count() === 1)
  await sessions.create(session('next', 'cy'), CAPS)
  const { owners, charges } = await accounts(server)
  t.strictSame(Object.keys(owners).toSorted(), ['ann', 'cy'])
  t.ok(Object.values(owners).every(bytes => bytes < 2 * KIB), JSON.stringify(owners))
  t.equal(charges, 2)
})

await redisTest('a state that does not fit is rejected and stays as it was', async t => {
  const server = await startRedisServer()
  const { sessions, close } = redisStorage({ url: server.url, budget: { bytes: 400 * KIB, bytesPerOwner: 20 * KIB }, ...PATIENT })
  t.teardown(async () => { await close(); await server.close() })
  await sessions.create(session('s', 'ann'), CAPS)
  await sessions.patchState('s', { kept: 1 })
  const full = { code: 'MCP_STORAGE_FULL', statusCode: 503, message: /budget\.bytesPerOwner/ }
  await t.rejects(sessions.patchState('s', { large: 'x'.repeat(30 * KIB) }), full)
  for (let round = 0; round < 10; round++) await sessions.patchState('s', { large: 'x'.repeat(15 * KIB) })
  await sessions.patchState('s', { large: undefined })
  t.same((await sessions.read('s'))?.state, { kept: 1 })
})

await redisTest('in a cluster, one owner who writes from many sessions at once is held to the budget within moments', async t => {
  const cluster = await startRedisCluster()
  const budget = { bytes: 4000 * KIB, bytesPerOwner: 400 * KIB }
  const { sessions, events, close } = redisStorage({ cluster: cluster.urls, budget, ...PATIENT })
  t.teardown(async () => { await close(); await cluster.close() })
  const ids = Array.from({ length: 20 }, (_, number) => `s${number}`)
  for (const id of ids) await sessions.create(session(id, 'ann'), CAPS)
  let largest = 0
  const kept = async (): Promise<number> => {
    const pages = await Promise.all(ids.flatMap(id => Array.from({ length: 15 }, (_, stream) => events.read(id, `st${stream}`, 0, 10))))
    return pages.reduce((sum, page) => sum + (page?.events.length ?? 0), 0) * TEXT.length
  }
  for (let stream = 0; stream < 15; stream++) {
    await Promise.all(ids.map(async id => {
      await events.open(id, `st${stream}`, OWNER)
      await events.append(id, `st${stream}`, [TEXT], true)
    }))
    largest = Math.max(largest, await kept())
  }
  t.ok(largest < 1000 * KIB, `at most ${largest / KIB} KiB of 3000 KiB at any time`)
  await until(async () => await kept() <= 400 * KIB)
  for (const id of ids) await sessions.delete(id)
  let left = 0
  for (const node of cluster.nodes) left += Number((await node.command('DBSIZE')).slice(1))
  t.equal(left, 0)
})
