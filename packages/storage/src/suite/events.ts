import type { EventPage, EventStore, StoredEvent, StreamOwner } from '../contract.ts'
import type { Cases } from './cases.ts'

export const OWNER: StreamOwner = { node: 'node-1', requestIds: [1, 'two'] }

/** `count` messages as JSON text. */
export function numbered (count: number, name = 'm'): string[] {
  return Array.from({ length: count }, (_, index) => JSON.stringify(`${name}${index + 1}`))
}

/** Every event after `after`, read page by page; `null` when the stream cannot be read on. */
async function readAll (events: EventStore, session: string, stream: string, after: number, limit: number): Promise<StoredEvent[] | null> {
  const found: StoredEvent[] = []
  for (;;) {
    const page: EventPage | null = await events.read(session, stream, found.at(-1)?.position ?? after, limit)
    if (page === null) return null
    found.push(...page.events)
    if (page.events.length < limit || page.ended) return found
  }
}

export async function eventSuite (check: Cases): Promise<void> {
  await check('a fresh stream is an empty page at position 0', async (t, { storage, peer }) => {
    await storage.events.open('s', 'fresh', OWNER)
    t.same(await storage.events.read('s', 'fresh', 0, 10), { events: [], ended: false, owner: OWNER })
    t.same(await peer.events.read('s', 'fresh', 0, 10), { events: [], ended: false, owner: OWNER })
    t.equal(await peer.events.append('s', 'fresh', [], false), 0)
  })

  await check('opening a stream again changes nothing', async (t, { storage, peer }) => {
    await storage.events.open('s', 'st', OWNER)
    await storage.events.append('s', 'st', ['"m1"'], false)
    await peer.events.open('s', 'st', { node: null, requestIds: [] })
    t.same(await storage.events.read('s', 'st', 0, 10), { events: [{ position: 1, message: '"m1"' }], ended: false, owner: OWNER })
  })

  await check('a stream nobody opened keeps nothing', async (t, { storage: { events } }) => {
    t.equal(await events.append('s', 'none', ['1'], false), 0)
    t.equal(await events.read('s', 'none', 0, 10), null)
    await events.open('s', 'st', { node: null, requestIds: [] })
    t.equal(await events.append('s', 'none', ['1'], true), 0)
    t.equal(await events.read('s', 'none', 0, 10), null)
  })

  await check('events keep their order and count from 1 without gaps', async (t, { storage, peer }) => {
    await storage.events.open('s', 'st', OWNER)
    t.equal(await storage.events.append('s', 'st', ['1', '2'], false), 2)
    t.equal(await storage.events.append('s', 'st', [], false), 2)
    t.equal(await peer.events.append('s', 'st', ['3'], false), 3)
    const page = await peer.events.read('s', 'st', 1, 10)
    t.same(page?.events, [{ position: 2, message: '2' }, { position: 3, message: '3' }])
  })

  await check('pages follow each other and only the last one says ended', async (t, { storage, peer }) => {
    await storage.events.open('s', 'st', OWNER)
    await storage.events.append('s', 'st', numbered(10), true)
    for (const limit of [1, 3, 5, 10, 100]) {
      for (let after = 0; after <= 10; after++) {
        const page = await peer.events.read('s', 'st', after, limit)
        const wanted = numbered(10).map((message, index) => ({ position: index + 1, message })).slice(after, after + limit)
        t.same(page, { events: wanted, ended: after + limit >= 10, owner: OWNER }, `${limit} after ${after}`)
      }
    }
  })

  await check('a stream can end without a further event', async (t, { storage, peer }) => {
    await storage.events.open('s', 'st', OWNER)
    await storage.events.append('s', 'st', ['1'], false)
    t.equal((await peer.events.read('s', 'st', 1, 10))?.ended, false)
    t.equal(await storage.events.append('s', 'st', [], true), 1)
    t.same(await peer.events.read('s', 'st', 1, 10), { events: [], ended: true, owner: OWNER })
    await storage.events.open('s', 'silent', OWNER)
    t.equal(await storage.events.append('s', 'silent', [], true), 0)
    t.same(await peer.events.read('s', 'silent', 0, 10), { events: [], ended: true, owner: OWNER })
  })

  await check('a stream that has ended takes nothing more', async (t, { storage, peer }) => {
    await storage.events.open('s', 'st', OWNER)
    await storage.events.append('s', 'st', ['1'], true)
    t.equal(await peer.events.append('s', 'st', ['2'], false), 0)
    t.same(await storage.events.read('s', 'st', 0, 10), { events: [{ position: 1, message: '1' }], ended: true, owner: OWNER })
  })

  await check('an append that comes twice, or late, takes effect once', async (t, { storage, peer }) => {
    await storage.events.open('s', 'st', OWNER)
    t.equal(await storage.events.append('s', 'st', ['1', '2'], false, 0), 2)
    t.equal(await peer.events.append('s', 'st', ['1', '2'], false, 0), 2, 'it was there')
    t.equal(await storage.events.append('s', 'st', ['3'], false, 2), 3)
    t.equal(await storage.events.append('s', 'st', ['1', '2'], true, 0), 3, 'it is long past, and ends nothing')
    t.equal(await storage.events.append('s', 'st', ['5'], false, 4), 3, 'what comes before is missing')
    t.equal(await storage.events.append('s', 'st', [], true, 3), 3)
    t.equal(await storage.events.append('s', 'st', ['4'], false, 3), 0, 'it has ended')
    const events = ['1', '2', '3'].map((message, index) => ({ position: index + 1, message }))
    t.same(await storage.events.read('s', 'st', 0, 10), { events, ended: true, owner: OWNER })
  })

  await check('a position beyond the end is null', async (t, { storage: { events } }) => {
    await events.open('s', 'st', OWNER)
    t.equal(await events.read('s', 'st', 1, 10), null)
    await events.append('s', 'st', ['1', '2'], false)
    t.equal(await events.read('s', 'st', 3, 10), null)
    t.same((await events.read('s', 'st', 2, 10))?.events, [])
  })

  await check('streams and sessions are isolated, whatever their names', async (t, { storage: { events } }) => {
    const names = [['a', 'b'], ['a', 'c'], ['a', 'b:c'], ['a:b', 'c'], ['a:b', 'b'], ['', 'a:b']] as const
    for (const [session, stream] of names) {
      await events.open(session, stream, { node: session, requestIds: [stream] })
      await events.append(session, stream, [JSON.stringify([session, stream])], false)
    }
    for (const [session, stream] of names) {
      const message = JSON.stringify([session, stream])
      const owner = { node: session, requestIds: [stream] }
      t.same(await events.read(session, stream, 0, 10), { events: [{ position: 1, message }], ended: false, owner })
    }
    await events.deleteSession('a')
    t.equal((await events.read('a:b', 'c', 0, 10))?.events.length, 1)
  })

  await check('a deleted session takes its streams along', async (t, { storage, peer }) => {
    for (const [session, stream] of [['s', 'one'], ['s', 'two'], ['other', 'one']] as const) {
      await storage.events.open(session, stream, OWNER)
      await storage.events.append(session, stream, ['1'], false)
    }
    await peer.events.deleteSession('s')
    await peer.events.deleteSession('s')
    for (const stream of ['one', 'two']) {
      t.equal(await storage.events.read('s', stream, 0, 10), null)
      t.equal(await storage.events.append('s', stream, ['2'], false), 0)
    }
    t.equal((await storage.events.read('other', 'one', 0, 10))?.events.length, 1)
  })

  await check('two nodes write one stream at once', async (t, { storage, peer }) => {
    await storage.events.open('s', 'st', { node: null, requestIds: [] })
    const writers = [{ name: 'a', node: storage }, { name: 'b', node: peer }]
    const batches = writers.flatMap(({ name, node }) => Array.from({ length: 25 }, (_, batch) => ({ name, node, batch })))
      .toSorted((one, other) => one.batch - other.batch)
    const answers = await Promise.all(batches.map(async ({ name, node, batch }) => {
      const last = JSON.stringify([name, batch, 'last'])
      return { last, position: await node.events.append('s', 'st', [JSON.stringify([name, batch, 'first']), last], false) }
    }))
    const found = await readAll(peer.events, 's', 'st', 0, 7) ?? []
    t.same(found.map(event => event.position), Array.from({ length: 100 }, (_, index) => index + 1))
    for (const { name } of writers) {
      const own = found.map(event => JSON.parse(event.message)).filter(([writer]) => writer === name)
      t.same(own, Array.from({ length: 25 }, (_, batch) => [[name, batch, 'first'], [name, batch, 'last']]).flat(), `order of ${name}`)
    }
    for (const { last, position } of answers) t.equal(found[position - 1]?.message, last)
  })

  await check('messages come back byte by byte', async (t, { storage, peer }) => {
    const texts = ['', 'ünï', '\u2028\u2029', '\0\r\n\t', '🎈', '\ud800', '"\\', 'x'.repeat(1024 * 1024), '€'.repeat(100_000)]
    const messages = [...texts.map(text => JSON.stringify({ text })), '{"raw":"\u2028"}', '[ 1 ]']
    await storage.events.open('s', 'st', OWNER)
    await storage.events.append('s', 'st', messages, false)
    const found = await readAll(peer.events, 's', 'st', 0, 4)
    t.equal(found?.length, messages.length)
    t.ok(found?.every((event, index) => event.message === messages[index]))
  })
}
