import { statSync } from 'node:fs'
import { join } from 'node:path'
import { Ticker } from '@mcp/storage'
import t from 'tap'
import { sqliteStorage } from '../src/index.ts'
import { OWNER, PLENTY, sessionRecord } from './helper/records.ts'
import type { EventBounds, Storage } from '@mcp/storage'

/** A ticker whose time goes on when it is told to. */
function manualTicker (): { ticker: Ticker, tick: () => void, readonly armed: boolean } {
  let now = 0
  let wake: (() => void) | null = null
  const clock = {
    now: () => now,
    wakeAfter (delayMs: number, callback: () => void) {
      wake = () => {
        now += delayMs
        callback()
      }
      return () => { wake = null }
    }
  }
  return { ticker: new Ticker({ clock }), tick: () => wake?.(), get armed () { return wake !== null } }
}

async function until (condition: () => unknown): Promise<void> {
  while (!await condition()) await new Promise(resolve => setTimeout(resolve, 5))
}

/** Bytes of the file that hold something: what the system keeps for it, whatever its length. */
const sizeOf = (path: string) => statSync(join(path, 'data.sqlite')).size

async function cycle (storage: Storage, name: string): Promise<void> {
  await Promise.all(Array.from({ length: 20 }, async (_, index) => {
    const id = `${name}-${index}`
    await storage.sessions.create(sessionRecord(id, { principalKey: 'ann', state: { text: 'x'.repeat(index * 40) } }), PLENTY)
    for (const stream of ['one', 'two']) {
      await storage.events.open(id, stream, OWNER)
      await storage.events.append(id, stream, Array.from({ length: 30 }, (_, event) => 'y'.repeat(event * 10)), stream === 'two')
    }
    await storage.events.open('loud', 'st', OWNER)
    await storage.events.append('loud', 'st', ['z'.repeat(20_000)], false)
    await storage.sessions.delete(id)
  }))
}

t.test('C-29: the file stays as large as what it has to hold', async t => {
  const path = t.testdir()
  const storage = sqliteStorage({ path, events: { maxEvents: 100, maxBytes: 200_000 } })
  t.teardown(() => storage.close())
  for (let round = 0; round < 15; round++) await cycle(storage, `warm${round}`)
  const before = sizeOf(path)
  for (let round = 0; round < 150; round++) await cycle(storage, `more${round}`)
  t.comment(`${before} bytes after 15 rounds, ${sizeOf(path)} after 150 more`)
  t.ok(sizeOf(path) <= before * 1.5)
  t.equal(await storage.sessions.count(), 0)
})

t.test('a sweep removes what has expired or aged, until the storage is closed', async t => {
  const path = t.testdir()
  const clock = manualTicker()
  const storage = sqliteStorage({ path, ticker: clock.ticker, events: { maxAgeMs: 50 } })
  const { sessions, events } = storage
  const soon = Date.now() + 50
  await Promise.all([
    sessions.create(sessionRecord('short', { expiresAt: soon, principalKey: 'ann' }), PLENTY),
    sessions.create(sessionRecord('long'), PLENTY),
    storage.nodes.beat('gone', 1)
  ])
  for (const session of ['short', 'long', 'nobody']) {
    await events.open(session, 'st', OWNER)
    await events.append(session, 'st', ['1', '2'], false)
  }
  await until(() => Date.now() > soon + 100)
  t.not(await events.read('short', 'st', 2, 1), null, 'before the sweep')
  t.not(await events.read('nobody', 'st', 2, 1), null)
  clock.tick()
  await until(async () => await events.read('nobody', 'st', 2, 1) === null)
  t.equal(await events.read('short', 'st', 2, 1), null, 'after the sweep')
  t.same(await events.read('long', 'st', 2, 1), { events: [], ended: false, owner: OWNER }, 'a stream lives as long as its session')
  t.equal(await events.append('long', 'st', ['3'], false), 3)
  t.equal(await events.append('nobody', 'st', ['3'], false), 0)
  t.ok(clock.armed)
  clock.tick()
  await storage.close()
  t.notOk(clock.armed)
})

t.test('a session that was touched outlives the moment it would have expired', async t => {
  const clock = manualTicker()
  const storage = sqliteStorage({ path: t.testdir(), ticker: clock.ticker })
  t.teardown(() => storage.close())
  const { sessions } = storage
  const soon = Date.now() + 40
  for (const id of ['touched', 'left']) await sessions.create(sessionRecord(id, { expiresAt: soon }), PLENTY)
  await sessions.touch('touched', Date.now() + 600_000)
  await until(() => Date.now() > soon)
  clock.tick()
  await until(() => sessions.count() === 1)
  t.equal((await sessions.read('touched'))?.id, 'touched')
  await sessions.touch('touched', Date.now() - 1)
  t.equal(await sessions.count(), 0)
})

t.test('D-10: deleting a session takes its events along, and creating it anew does too', async t => {
  const storage = sqliteStorage({ path: t.testdir() })
  t.teardown(() => storage.close())
  for (const end of [(): unknown => storage.sessions.delete('s'), () => storage.sessions.create(sessionRecord('s'), PLENTY)]) {
    await storage.sessions.create(sessionRecord('s'), PLENTY)
    await storage.events.open('s', 'st', OWNER)
    await storage.events.append('s', 'st', ['1'], false)
    await end()
    t.equal(await storage.events.read('s', 'st', 1, 1), null)
  }
  t.equal(await storage.sessions.count(), 1)
})

/** What a stream of `messages` keeps under `bounds`, one appended after the other or all at once. */
async function keptOf (path: string, messages: readonly string[], bounds: Partial<EventBounds>, at: number): Promise<string[]> {
  const storage = sqliteStorage({ path, events: bounds })
  await storage.events.open('s', 'st', OWNER)
  for (let index = 0; index < messages.length; index += at) {
    await storage.events.append('s', 'st', messages.slice(index, index + at), false)
  }
  let kept: string[] = []
  for (let after = 0; after <= messages.length; after++) {
    const page = await storage.events.read('s', 'st', after, messages.length)
    if (page === null) continue
    kept = page.events.map(event => event.message)
    break
  }
  await storage.close()
  return kept
}

t.test('what is kept does not depend on how it was appended', async t => {
  const messages = Array.from({ length: 60 }, (_, index) => `${index}:${'ü'.repeat(index * 7 % 13 * 300)}`)
  for (const bounds of [{ maxEvents: 17 }, { maxBytes: 40_001 }, { maxEvents: 30, maxBytes: 60_000 }, { maxEvents: 0 }, { maxBytes: 10 }]) {
    let [first, bytes] = [messages.length, 0]
    const { maxEvents = Infinity, maxBytes = Infinity } = bounds
    while (first > 0 && messages.length - first < maxEvents) {
      bytes += Buffer.byteLength(messages[first - 1] ?? '')
      if (bytes > maxBytes) break
      first--
    }
    for (const at of [1, 7, 60]) {
      t.same(await keptOf(t.testdir(), messages, bounds, at), messages.slice(first), JSON.stringify({ bounds, at }))
    }
  }
})
