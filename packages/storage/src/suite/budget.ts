import { PLENTY, sessionRecord } from './cases.ts'
import type { Storage } from '../contract.ts'
import type { Cases, Nodes } from './cases.ts'

const KIB = 1024
const BUDGET = { bytes: 400 * KIB, bytesPerOwner: 200 * KIB }
const NO_ONE = { node: null, requestIds: [] }
const MESSAGE = JSON.stringify('x'.repeat(20 * KIB))

async function openSession ({ sessions }: Storage, id: string, owner: string): Promise<void> {
  await sessions.create(sessionRecord(id, { owner }), PLENTY)
}

async function put ({ events }: Storage, session: string, stream: string, ended: boolean): Promise<void> {
  await events.open(session, stream, NO_ONE)
  await events.append(session, stream, [MESSAGE], ended)
}

/** How many of these streams can be read from their beginning. */
async function readable ({ events }: Storage, streams: ReadonlyArray<readonly [session: string, stream: string]>): Promise<number> {
  const pages = await Promise.all(streams.map(([session, stream]) => events.read(session, stream, 0, 10)))
  return pages.filter(page => page !== null && page.events.length > 0).length
}

/** A storage on several machines may evict a moment after it stored: whether so many events come to be within the bound. */
function within ({ until }: Nodes, bytes: number, count: () => Promise<number>): Promise<boolean> {
  return until(async () => await count() * MESSAGE.length <= bytes)
}

/** Writes one stream after the other until none more is kept; answers how to count those that are. */
async function flood ({ storage, peer }: Nodes, owner: string, sessions: number, ended: boolean): Promise<() => Promise<number>> {
  const streams: Array<readonly [string, string]> = []
  for (let number = 0; number < sessions; number++) {
    const session = `${owner}-${number}`
    await openSession(storage, session, owner)
    for (const stream of ['a', 'b']) {
      await put(number % 2 === 0 ? storage : peer, session, stream, ended)
      streams.push([session, stream])
    }
  }
  return () => readable(peer, streams)
}

export async function budgetSuite (check: Cases): Promise<void> {
  await check('what one owner stores over many sessions stays within its budget, and harms no other', async (t, nodes) => {
    const { storage } = nodes
    await openSession(storage, 'other', 'bob')
    await put(storage, 'other', 'st', true)
    const kept = await flood(nodes, 'ann', 30, true)
    t.ok(await within(nodes, BUDGET.bytesPerOwner, kept))
    t.ok(await kept() > 0, 'the newest are kept')
    t.equal(await readable(storage, [['other', 'st']]), 1)
  }, {}, BUDGET)

  await check('streams that have ended go before one that is open', async (t, nodes) => {
    await openSession(nodes.storage, 'running', 'ann')
    await put(nodes.storage, 'running', 'call', false)
    await flood(nodes, 'ann', 20, true)
    t.equal(await readable(nodes.storage, [['running', 'call']]), 1)
  }, {}, BUDGET)

  await check('streams that are open stay within the budget, too', async (t, nodes) => {
    const kept = await flood(nodes, 'ann', 20, false)
    t.ok(await within(nodes, BUDGET.bytesPerOwner, kept))
  }, {}, BUDGET)

  await check('what all owners store stays within the budget of the storage', async (t, nodes) => {
    const counts: Array<() => Promise<number>> = []
    for (const owner of ['ann', 'bob', 'cy', 'dan', 'eve']) counts.push(await flood(nodes, owner, 8, true))
    const kept = async (): Promise<number> => (await Promise.all(counts.map(count => count()))).reduce((sum, count) => sum + count, 0)
    t.ok(await within(nodes, BUDGET.bytes, kept))
    t.ok(await kept() > 0)
  }, {}, BUDGET)

  await check('a deleted session gives its bytes back', async (t, { storage }) => {
    await openSession(storage, 'first', 'ann')
    for (const stream of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) await put(storage, 'first', stream, false)
    await storage.sessions.delete('first')
    await openSession(storage, 'second', 'ann')
    const streams = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
    for (const stream of streams) await put(storage, 'second', stream, false)
    t.equal(await readable(storage, streams.map(stream => ['second', stream] as const)), 7)
  }, {}, BUDGET)

  await check('sessions that are larger than the budget of their owner are rejected', async (t, { storage, peer, until }) => {
    const state = { large: 'x'.repeat(30 * KIB) }
    let number = 0
    t.ok(await until(async () => {
      const { sessions } = number % 2 === 0 ? storage : peer
      return await sessions.create(sessionRecord(`s${number++}`, { owner: 'ann', state }), PLENTY) === 'principal-reached'
    }))
    t.ok(number > 1 && number < 10, `${number} sessions`)
    t.equal(await storage.sessions.create(sessionRecord('other', { owner: 'bob', state }), PLENTY), 'created')
    await storage.sessions.delete('s0')
    t.ok(await until(async () => await storage.sessions.create(sessionRecord('next', { owner: 'ann', state }), PLENTY) === 'created'))
  }, {}, BUDGET)
}
