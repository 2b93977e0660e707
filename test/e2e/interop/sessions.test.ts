import t from 'tap'
import { startReference } from './lib/apps.ts'
import { LEGACY, MODERNS, plain, v1, withEach } from './lib/kinds.ts'
import { closeAndJudge, textOf, type Peer } from './lib/peer.ts'

const { url } = await startReference(t)

withEach(t, 'D-1, D-2, A-52: a session is opened and named on every request', { url, kinds: LEGACY }, async (t, peer, { revision }) => {
  await peer.wire.trip(trip => trip.method === 'GET')
  await peer.call('echo', { text: 'x' })
  const id = peer.transport.sessionId ?? ''
  t.match(id, /^[\x21-\x7e]{22,}$/)
  const [initialize, ...rest] = peer.wire.trips
  t.equal(initialize?.replyHeaders.get('mcp-session-id'), id)
  t.ok(rest.length >= 3)
  for (const trip of rest) {
    t.equal(trip.headers.get('mcp-session-id'), id)
    t.equal(trip.headers.get('mcp-protocol-version'), revision)
  }
})

withEach(t, 'D-21, B-28: modern clients have none', { url, kinds: MODERNS }, async (t, peer) => {
  await peer.call('echo', { text: 'x' })
  t.equal(peer.transport.sessionId, undefined)
  t.ok(peer.wire.trips.every(trip => trip.method === 'POST'))
})

withEach(t, 'D-7, D-8, D-9, D-10: a session that was ended is gone for everyone', { url, kinds: LEGACY }, async (t, peer, kind) => {
  const id = peer.transport.sessionId ?? ''
  const other = await kind.connect(url, { session: { id, revision: kind.revision } })
  t.teardown(() => other.close())
  t.equal(textOf(await other.call('echo', { text: 'the same session' })), 'the same session')

  const standing = await peer.wire.trip(trip => trip.method === 'GET')
  t.equal(standing.status, 200)
  await peer.transport.terminateSession()
  t.match(peer.wire.trips.find(trip => trip.method === 'DELETE')?.status, /^20[04]$/)
  t.equal(peer.transport.sessionId, undefined)

  await t.rejects(other.call('echo', { text: 'x' }), /Session|session|404/)
  const refused = other.wire.tripsOf('tools/call').at(-1)
  t.equal(refused?.status, 404)
  t.match(refused?.messages, [{ error: { code: -32600 } }])
  t.notOk('id' in (refused?.messages[0] ?? {}), 'or it would be taken for the answer')

  // Neither client opens a new session by itself; whoever runs it connects again.
  const again = await kind.connect(url)
  t.teardown(() => again.close())
  t.not(again.transport.sessionId, id)
  t.equal(textOf(await again.call('echo', { text: 'back' })), 'back')
  for (const each of [other, again]) t.strictSame(await closeAndJudge(each), [])
})

withEach(t, 'D-10, C-8: the end of a session ends its standalone stream', { url, kinds: [plain, v1] }, async (t, peer) => {
  await peer.wire.trip(trip => trip.method === 'GET')
  await peer.transport.terminateSession()
  // The client comes back for it, as for any stream that ended, and is told.
  const second = await peer.wire.trip(trip => trip.method === 'GET' && trip.status !== 200)
  t.match(second.status, /^40[04]$/)
})

withEach(t, 'A-4: equal request ids of two clients in one session', { url, kinds: LEGACY }, async (t, peer, kind) => {
  const session = { id: peer.transport.sessionId ?? '', revision: kind.revision }
  const other = await kind.connect(url, { session })
  t.teardown(() => other.close())
  const speak = (who: Peer, name: string) => Promise.all(Array.from({ length: 12 }, async (_, index) => {
    const text = `${name} ${index}`
    const steps: number[] = []
    // Streams and plain answers side by side.
    if (index % 2 === 0) return textOf(await who.call('echo', { text })) === text
    const result = await who.call('burst', { count: 20 + index }, { onprogress: ({ progress }) => steps.push(progress) })
    return textOf(result) === `Sent ${20 + index} progress notifications` && steps.length === 20 + index
  }))
  const heard = await Promise.all([speak(peer, 'one'), speak(other, 'two')])
  t.strictSame(heard, [Array(12).fill(true), Array(12).fill(true)])
  const ids = [peer, other].map(each => each.wire.tripsOf('tools/call').map(trip => trip.sent[0]?.id))
  t.ok(ids[0]?.some(id => ids[1]?.includes(id)), 'ids did meet')
  t.strictSame(await closeAndJudge(other), [])
})

t.test('A-4, A-61, D-20: two clients in sessions of their own, with equal ids, tokens and levels of their own', async t => {
  const [one, two] = [await plain.connect(url), await v1.connect(url)]
  t.teardown(() => Promise.all([one.close(), two.close()]))
  await one.client.setLoggingLevel('info')
  await two.client.setLoggingLevel('error')
  await Promise.all([one.call('test_tool_with_logging'), two.call('test_tool_with_logging')])
  t.equal(one.notifications.of('notifications/message').length, 3)
  t.strictSame(two.notifications.of('notifications/message'), [])
  for (const each of [one, two]) t.strictSame(await closeAndJudge(each), [])
})

t.test('B-30: all clients at once, each by its own revision', async t => {
  const peers = await Promise.all([...LEGACY, ...MODERNS].map(kind => kind.connect(url)))
  t.teardown(() => Promise.all(peers.map(peer => peer.close())))
  const texts = await Promise.all(peers.map(async (peer, index) => textOf(await peer.call('echo', { text: `${index} ${peer.revision}` }))))
  t.strictSame(texts, peers.map((peer, index) => `${index} ${peer.revision}`))
  for (const peer of peers) t.strictSame(await closeAndJudge(peer), [])
})
