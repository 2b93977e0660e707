import t from 'tap'
import { DEFAULT_STORAGE_BUDGET, memoryStorage, Ticker } from '../src/index.ts'
import { MemoryBudget } from '../src/memory-budget.ts'
import { MemoryEvents } from '../src/memory-events.ts'
import { MemorySessions } from '../src/memory-sessions.ts'
import { PLENTY, sessionRecord } from '../src/suite/cases.ts'
import type { TickerClock } from '../src/index.ts'

const NO_HOOKS = { onCreated: () => {}, onRemoved: () => {} }
const budget = () => new MemoryBudget(DEFAULT_STORAGE_BUDGET)

const OWNER = { node: null, requestIds: [] }

async function past (deadline: number): Promise<void> {
  while (Date.now() <= deadline) await new Promise(resolve => setTimeout(resolve, 2))
}

t.test('every answer but that of close is plain', async t => {
  const storage = memoryStorage()
  const { sessions, events, bus } = storage
  t.teardown(() => storage.close())
  const answers = [
    sessions.create(sessionRecord('s'), PLENTY), sessions.read('s'), sessions.touch('s', Date.now() + 1e6),
    sessions.patchState('s', { a: 1 }),
    events.open('s', 'st', OWNER), events.append('s', 'st', ['1'], false), events.read('s', 'st', 0, 1), events.deleteSession('s'),
    bus.subscribe('c', () => {}), bus.publish('c', 'm'), sessions.delete('s'), sessions.count()
  ]
  for (const answer of answers) t.notOk(answer instanceof Promise)
})

t.test('records are frozen and read without a copy', async t => {
  const sessions = new MemorySessions(budget(), NO_HOOKS)
  sessions.create(sessionRecord('s', { state: { list: [1] } }), PLENTY)
  const record = sessions.read('s')
  t.equal(sessions.read('s'), record)
  const parts = [record, record?.state, record?.state.list, record?.handshake, record?.handshake.clientInfo]
  for (const part of parts) t.ok(Object.isFrozen(part))
  sessions.patchState('s', { level: 'info' })
  t.ok(Object.isFrozen(sessions.read('s')?.state))
})

t.test('a key named __proto__ stays a key', async t => {
  const sessions = new MemorySessions(budget(), NO_HOOKS)
  const state = JSON.parse('{"__proto__":{"polluted":true}}')
  sessions.create(sessionRecord('s', { state }), PLENTY)
  sessions.patchState('s', JSON.parse('{"a":{"__proto__":1}}'))
  t.equal(JSON.stringify(sessions.read('s')?.state), '{"__proto__":{"polluted":true},"a":{"__proto__":1}}')
  t.equal(Object.getPrototypeOf(sessions.read('s')?.state), Object.prototype)
})

t.test('a sweep removes expired sessions and tells whose events to drop', async t => {
  const removed: string[] = []
  const sessions = new MemorySessions(budget(), { ...NO_HOOKS, onRemoved: id => { removed.push(id) } })
  const soon = Date.now() + 5
  sessions.create(sessionRecord('short', { expiresAt: soon, principalKey: 'ann' }), PLENTY)
  sessions.create(sessionRecord('long'), PLENTY)
  sessions.create(sessionRecord('touched'), PLENTY)
  sessions.touch('touched', soon)
  await past(soon)
  t.equal(sessions.ownerOf('short'), 'ann')
  sessions.sweep()
  t.equal(sessions.ownerOf('short'), undefined)
  t.equal(sessions.ownerOf('long'), '')
  t.same(removed, ['short', 'touched'])
})

t.test('D-10: deleting a session takes its events along', async t => {
  const storage = memoryStorage()
  t.teardown(() => storage.close())
  await storage.sessions.create(sessionRecord('s'), PLENTY)
  await storage.events.open('s', 'st', OWNER)
  await storage.sessions.delete('s')
  t.equal(await storage.events.read('s', 'st', 0, 1), null)
})

t.test('the storage sweeps on its ticker until it is closed', async t => {
  let armed: (() => void) | null = null
  let now = 0
  const clock: TickerClock = {
    now: () => now,
    wakeAfter (delayMs, callback) {
      armed = callback
      now += delayMs
      return () => { armed = null }
    }
  }
  const storage = memoryStorage({ ticker: new Ticker({ clock }) })
  const soon = Date.now() + 5
  await storage.sessions.create(sessionRecord('s', { expiresAt: soon }), PLENTY)
  await storage.events.open('s', 'st', OWNER)
  await past(soon)
  t.not(await storage.events.read('s', 'st', 0, 1), null, 'before the sweep')
  t.type(armed, 'function')
  Reflect.apply(Object(armed), null, [])
  t.equal(await storage.events.read('s', 'st', 0, 1), null, 'after the sweep')
  await storage.close()
  t.equal(armed, null)
})

t.test('a sweep drops logs nobody can ask for, and keeps those of live sessions', async t => {
  const events = new MemoryEvents({ maxEvents: 10, maxBytes: 1000, maxAgeMs: 20 }, budget(), session => session === 'live' ? '' : undefined)
  for (const session of ['live', 'gone']) {
    events.open(session, 'st', OWNER)
    events.append(session, 'st', ['1'], false)
  }
  events.open('done', 'st', OWNER)
  events.append('done', 'st', ['1'], true)
  await past(Date.now() + 30)
  events.sweep()
  t.same(events.read('live', 'st', 1, 1), { events: [], ended: false, owner: OWNER })
  t.equal(events.append('gone', 'st', ['2'], false), 0)
  t.equal(events.append('done', 'st', [], false), 0)
})
