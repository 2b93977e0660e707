import { rmSync } from 'node:fs'
import { memoryStorage } from '@mcp/storage'
import t from 'tap'
import { sqliteStorage } from '../src/index.ts'
import { OWNER, PLENTY, sessionRecord } from './helper/records.ts'

t.test('what is asked for on every request is answered with plain values', async t => {
  const storage = sqliteStorage({ path: t.testdir() })
  t.teardown(() => storage.close())
  const { sessions, events, nodes } = storage
  await sessions.create(sessionRecord('s'), PLENTY)
  await events.open('s', 'st', OWNER)
  for (const answer of [sessions.read('s'), sessions.count(), events.read('s', 'st', 0, 1), nodes.alive('a')]) {
    t.notOk(answer instanceof Promise)
  }
})

t.test('a record is frozen, and the same one as long as it does not change', async t => {
  const storage = sqliteStorage({ path: t.testdir() })
  t.teardown(() => storage.close())
  const { sessions } = storage
  await sessions.create(sessionRecord('s', { state: { list: [1] } }), PLENTY)
  const record = await sessions.read('s')
  t.equal(await sessions.read('s'), record)
  for (const part of [record, record?.state, record?.state.list, record?.handshake.clientInfo]) t.ok(Object.isFrozen(part))
  await sessions.touch('s', Date.now() + 700_000)
  t.not(await sessions.read('s'), record)
  t.equal((await sessions.read('s'))?.state, record?.state)
  await sessions.patchState('s', { level: 'info' })
  t.same((await sessions.read('s'))?.state, { list: [1], level: 'info' })
})

t.test('a session made anew under its id is not mistaken for the one before', async t => {
  const storage = sqliteStorage({ path: t.testdir() })
  t.teardown(() => storage.close())
  const record = sessionRecord('s')
  await storage.sessions.create(record, PLENTY)
  await storage.sessions.read('s')
  await storage.sessions.create({ ...record, endpoint: '/other' }, PLENTY)
  t.equal((await storage.sessions.read('s'))?.endpoint, '/other')
})

t.test('handshakes are kept once, as long as a session has them', async t => {
  const storage = sqliteStorage({ path: t.testdir() })
  t.teardown(() => storage.close())
  const { sessions } = storage
  const named = (name: string) => ({ protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name, version: '1' } })
  for (const id of ['a1', 'a2', 'b']) await sessions.create(sessionRecord(id, { handshake: named(id.slice(0, 1)) }), PLENTY)
  await sessions.delete('a1')
  t.same((await sessions.read('a2'))?.handshake, named('a'))
  await sessions.delete('a2')
  t.same((await sessions.read('b'))?.handshake, named('b'))
  await sessions.create(sessionRecord('a3', { handshake: named('a') }), PLENTY)
  t.same((await sessions.read('a3'))?.handshake, named('a'))
})

t.test('names of any length and a key named __proto__', async t => {
  const storage = sqliteStorage({ path: t.testdir() })
  t.teardown(() => storage.close())
  const { sessions, events } = storage
  const ids = ['x'.repeat(250), 'x'.repeat(251), 'x'.repeat(5000), 'ü'.repeat(5000), '']
  for (const id of ids) {
    const state = JSON.parse(`{"__proto__":{"length":${id.length}}}`)
    await sessions.create(sessionRecord(id, { state, principalKey: id }), PLENTY)
    await sessions.patchState(id, JSON.parse('{"a":{"__proto__":1}}'))
    await events.open(id, id, OWNER)
    await events.append(id, id, [JSON.stringify(id.length)], false)
  }
  for (const id of ids) {
    t.equal(JSON.stringify((await sessions.read(id))?.state), `{"__proto__":{"length":${id.length}},"a":{"__proto__":1}}`)
    t.same((await events.read(id, id, 0, 10))?.events, [{ position: 1, message: String(id.length) }])
  }
})

t.test('writes of one turn are kept in their order, whatever they are', async t => {
  const storage = sqliteStorage({ path: t.testdir() })
  t.teardown(() => storage.close())
  const { sessions, events } = storage
  const answers = await Promise.all([
    events.append('s', 'st', ['0'], false),
    events.open('s', 'st', OWNER),
    events.append('s', 'st', ['1', '2'], false),
    sessions.create(sessionRecord('s'), PLENTY),
    events.append('s', 'st', ['3'], false),
    events.open('s', 'st', OWNER),
    events.append('s', 'st', ['4'], true),
    sessions.delete('s'),
    events.append('s', 'st', ['5'], true)
  ])
  t.same(answers, [0, undefined, 2, 'created', 3, undefined, 4, true, 0])
})

t.test('a closed storage says so, and what was asked for before is kept', async t => {
  const path = t.testdir()
  const storage = sqliteStorage({ path })
  const leave = await storage.bus.subscribe('c', () => t.fail('heard after closing'))
  const created = storage.sessions.create(sessionRecord('s'), PLENTY)
  const closed = storage.close()
  t.equal(await created, 'created')
  await closed
  await storage.close()
  t.throws(() => storage.sessions.read('s'), { code: 'MCP_SQLITE_CLOSED', statusCode: 503 })
  t.throws(() => storage.events.read('s', 'st', 0, 1), { code: 'MCP_SQLITE_CLOSED' })
  await t.rejects(Promise.resolve(storage.sessions.touch('s', 1)), { code: 'MCP_SQLITE_CLOSED' })
  await storage.bus.publish('c', 'm')
  await leave()
  const again = sqliteStorage({ path })
  t.equal((await again.sessions.read('s'))?.id, 's')
  await again.close()
})

t.test('a folder that was removed meanwhile can be closed', async t => {
  const path = t.testdir({ data: {} })
  const storage = sqliteStorage({ path: `${path}/data` })
  await storage.sessions.create(sessionRecord('s'), PLENTY)
  rmSync(`${path}/data`, { recursive: true })
  await t.resolves(storage.close())
})

t.test('the same calls have the same answers as in memory', async t => {
  const storages = [sqliteStorage({ path: t.testdir(), events: { maxEvents: 40 } }), memoryStorage({ events: { maxEvents: 40 } })]
  const outcomes = []
  for (const { events, close } of storages) {
    // The same for both: what to do is taken from a fixed sequence.
    let state = 20
    const next = (below: number) => (state = state * 48271 % 2147483647) % below
    const answers: unknown[] = []
    for (let step = 0; step < 3000; step++) {
      const [session, stream] = [`s${next(2)}`, `st${next(5)}`]
      const what = next(20)
      if (what < 3) answers.push(await events.open(session, stream, OWNER))
      else if (what < 10) answers.push(await events.append(session, stream, Array.from({ length: next(12) }, () => `${step}`), next(8) === 0))
      else if (what < 19) answers.push(await events.read(session, stream, next(60), next(30)))
      else if (next(20) === 0) answers.push(await events.deleteSession(session))
    }
    outcomes.push(answers)
    await close()
  }
  t.same(outcomes[0], outcomes[1])
})
