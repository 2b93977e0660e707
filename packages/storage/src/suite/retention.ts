import { numbered, OWNER } from './events.ts'
import type { EventStore } from '../contract.ts'
import type { Cases } from './cases.ts'

/** Position of the oldest event that is kept, 0 when there is none. */
async function oldestKept (events: EventStore, stream: string, end: number): Promise<number> {
  for (let after = 0; after < end; after++) {
    const page = await events.read('s', stream, after, 1)
    if (page !== null) return page.events[0]?.position ?? 0
  }
  return 0
}

export async function retentionSuite (check: Cases): Promise<void> {
  await check('C-29: at most maxEvents are kept, the newest ones', async (t, { storage, peer }) => {
    await storage.events.open('s', 'st', OWNER)
    t.equal(await storage.events.append('s', 'st', numbered(8), false), 8)
    t.equal(await oldestKept(storage.events, 'st', 8), 4)
    t.equal(await peer.events.append('s', 'st', ['9', '10'], false), 10)
    t.equal(await oldestKept(storage.events, 'st', 10), 6)
    t.equal(await storage.events.read('s', 'st', 4, 10), null)
    t.same((await storage.events.read('s', 'st', 5, 10))?.events.map(event => event.position), [6, 7, 8, 9, 10])
  }, { maxEvents: 5 })

  await check('C-29: the oldest event of all streams of a session goes first', async (t, { storage: { events } }) => {
    for (const stream of ['one', 'two']) await events.open('s', stream, OWNER)
    await events.append('s', 'one', numbered(3), false)
    await events.append('s', 'two', numbered(2), false)
    await events.append('s', 'one', ['4'], false)
    t.equal(await oldestKept(events, 'one', 4), 3)
    t.equal(await oldestKept(events, 'two', 2), 1)
    await events.append('s', 'one', ['5', '6'], false)
    t.equal(await oldestKept(events, 'one', 6), 4)
    t.equal(await oldestKept(events, 'two', 2), 2)
  }, { maxEvents: 4 })

  await check('C-29: sessions do not push out each other\'s events', async (t, { storage: { events } }) => {
    for (const session of ['s', 'other']) await events.open(session, 'st', OWNER)
    await events.append('s', 'st', numbered(4), false)
    await events.append('other', 'st', numbered(100), false)
    t.equal(await oldestKept(events, 'st', 4), 1)
  }, { maxEvents: 4 })

  await check('C-29: at most maxBytes are kept, the newest ones', async (t, { storage: { events } }) => {
    const message = JSON.stringify('x'.repeat(98))
    await events.open('s', 'st', OWNER)
    for (let position = 1; position <= 20; position++) {
      t.equal(await events.append('s', 'st', [message], false), position)
      t.ok((await events.read('s', 'st', position - 1, 1))?.events.length === 1, 'the newest is kept')
    }
    t.equal(await oldestKept(events, 'st', 20), 16)
  }, { maxBytes: 599 })

  await check('C-29: events are kept no longer than maxAgeMs', async (t, { storage: { events }, until }) => {
    await events.open('s', 'st', OWNER)
    await events.append('s', 'st', ['1'], false)
    t.ok(await until(async () => await events.read('s', 'st', 0, 10) === null), 'ages')
    t.same(await events.read('s', 'st', 1, 10), { events: [], ended: false, owner: OWNER }, 'the stream stays')
    t.equal(await events.append('s', 'st', ['2'], false), 2, 'positions go on')
  }, { maxAgeMs: 200 })

  await check('an open stream outlives its events', async (t, { storage: { events } }) => {
    for (const stream of ['quiet', 'loud']) await events.open('s', stream, OWNER)
    await events.append('s', 'quiet', numbered(2), false)
    await events.append('s', 'loud', numbered(2), false)
    t.equal(await events.read('s', 'quiet', 1, 10), null)
    t.same(await events.read('s', 'quiet', 2, 10), { events: [], ended: false, owner: OWNER })
    t.equal(await events.append('s', 'quiet', ['3'], false), 3)
  }, { maxEvents: 2 })

  await check('a stream that has ended is dropped with its last event', async (t, { storage: { events } }) => {
    for (const stream of ['done', 'loud']) await events.open('s', stream, OWNER)
    await events.append('s', 'done', numbered(2), true)
    await events.append('s', 'loud', ['1'], false)
    t.same((await events.read('s', 'done', 1, 10))?.ended, true)
    await events.append('s', 'loud', ['2'], false)
    for (const after of [0, 1, 2]) t.equal(await events.read('s', 'done', after, 10), null)
  }, { maxEvents: 2 })

  await check('a stream that has ended is dropped when it ages', async (t, { storage: { events }, until }) => {
    for (const stream of ['done', 'silent']) await events.open('s', stream, OWNER)
    await events.append('s', 'done', ['1'], true)
    await events.append('s', 'silent', [], true)
    t.ok(await until(async () => await events.read('s', 'done', 1, 10) === null), 'with an event')
    t.ok(await until(async () => await events.read('s', 'silent', 0, 10) === null), 'without one')
  }, { maxAgeMs: 200 })
}
