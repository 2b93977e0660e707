import { LEGACY_REVISIONS } from '@mcp/protocol'
import { sdkV1Application } from '@mcp/sdk-adapter/v1'
import { SdkError, UnsupportedProtocolVersionError } from '@modelcontextprotocol/client'
import t from 'tap'
import { startEndpoint } from './lib/apps.ts'
import { LEGACY, auto, pinned, plain, v1, withEach, type Kind } from './lib/kinds.ts'
import { textOf } from './lib/peer.ts'
import { serverV1 } from './lib/server-v1.ts'
import { Probe } from './lib/server-v2.ts'
import { Wire } from './lib/wire.ts'

const probe = new Probe()
const { url } = await startEndpoint(t, { application: sdkV1Application(() => serverV1(probe)) })
const kinds = LEGACY
const asking = LEGACY.filter(({ revision }) => revision >= '2025-06-18')

withEach(t, 'A-48, A-34: a server of SDK 1.x speaks every legacy revision', { url, kinds }, async (t, peer, kind) => {
  t.equal(peer.revision, kind.revision)
  t.match(peer.client.getServerVersion(), { name: 'own-v1' })
  t.equal(peer.client.getInstructions(), 'A server of version 1')
  t.ok((await peer.client.listTools()).tools.some(tool => tool.name === 'echo'))
  t.equal(textOf(await peer.call('echo', { text: '世界 👋' })), '世界 👋')
  t.match(await peer.call('fail'), { isError: true, content: [{ text: 'as planned' }] })
  t.match(await peer.client.ping(), {})
  t.match(await peer.client.readResource({ uri: 'res://any/7' }), { contents: [{ text: 'any 7' }] })
  t.match(await peer.client.getPrompt({ name: 'greet', arguments: { name: 'Ada' } }), { messages: [{ content: { text: 'Greet Ada' } }] })
  const ref = { type: 'ref/prompt', name: 'greet' } as const
  t.strictSame((await peer.client.complete({ ref, argument: { name: 'name', value: 'A' } })).completion.values, ['Ada', 'Alan'])
})

withEach(t, 'A-34: structured content of SDK 1.x', { url, kinds: asking }, async (t, peer) => {
  await peer.client.listTools()
  t.strictSame((await peer.call('structured')).structuredContent, { celsius: 21.5 })
})

withEach(t, 'A-59, A-61, C-17: progress and logs of SDK 1.x come with their call', { url, kinds }, async (t, peer) => {
  const seen: number[] = []
  t.equal(textOf(await peer.call('steps', { count: 25 }, { onprogress: ({ progress }) => seen.push(progress) })), '25 steps')
  t.strictSame(seen, Array.from({ length: 25 }, (_, index) => index + 1))
  await peer.client.setLoggingLevel('info')
  await peer.call('log')
  await peer.client.setLoggingLevel('error')
  await peer.call('log')
  t.match(peer.notifications.of('notifications/message'), [{ level: 'info', data: 'noted' }])
})

withEach(t, 'A-51, C-11: SDK 1.x asks user, model and client', { url, kinds: asking }, async (t, peer) => {
  const [asked, sampled, roots] = JSON.parse(textOf(await peer.call('ask')))
  t.match(asked, { name: 'Ada' })
  t.match(sampled, { text: 'Paris' })
  t.strictSame(roots, ['file:///work'])
})

withEach(t, 'C-17, E-39: what SDK 1.x sends of its own accord comes on the standalone stream', { url, kinds }, async (t, peer) => {
  await peer.wire.trip(trip => trip.method === 'GET')
  await peer.call('touch')
  t.match(await peer.notifications.take('notifications/resources/updated'), { uri: 'res://fixed' })
  await peer.call('grow')
  await peer.notifications.take('notifications/tools/list_changed')
  t.equal(textOf(await peer.call('grown')), 'new')
})

withEach(t, 'A-58: SDK 1.x hears of a cancellation', { url, kinds }, async (t, peer, kind) => {
  const key = `v1 ${kind.name}`
  const abort = new AbortController()
  const call = peer.call('hang', { key }, { signal: abort.signal })
  await probe.saw(`started ${key}`)
  abort.abort(new Error('enough'))
  await t.rejects(call, /enough/)
  t.ok(await probe.saw(`aborted ${key}`))
})

withEach(t, 'C-15, C-24: SDK 1.x closes a stream and the client comes back', { url, kinds }, async (t, peer, { revision }) => {
  t.equal(textOf(await peer.call('poll')), 'fetched later')
  t.equal(peer.wire.trips.some(trip => trip.headers.has('last-event-id')), revision === '2025-11-25')
})

withEach(t, 'A-4: 30 calls of SDK 1.x at once', { url, kinds }, async (t, peer) => {
  const texts = Array.from({ length: 30 }, (_, index) => `call ${index}`)
  t.strictSame(await Promise.all(texts.map(async text => textOf(await peer.call('echo', { text })))), texts)
})

const fallingBack: Kind = { ...auto, revision: '2025-11-25' }

withEach(t, 'B-31, B-9: a client that tries the modern era first falls back', { url, kinds: [fallingBack] }, async (t, peer, kind) => {
  t.equal(peer.revision, kind.revision)
  t.equal(textOf(await peer.call('echo', { text: 'back' })), 'back')
  const [probe] = peer.wire.trips
  t.equal(probe?.status, 400)
  t.match(probe?.messages[0]?.error, { code: -32022, data: { supported: [...LEGACY_REVISIONS] } })
})

t.test('B-31: a client pinned to the modern era is told why not', async t => {
  const wire = new Wire()
  const refused: unknown = await pinned.connect(url, {}, wire).catch((error: unknown) => error)
  t.ok(refused instanceof SdkError || refused instanceof UnsupportedProtocolVersionError)
  t.match(wire.trips.map(trip => [trip.status, trip.messages[0]?.error?.code]), [[400, -32022]])
})

for (const revision of LEGACY_REVISIONS) {
  t.test(`A-48: an endpoint of ${revision} alone is found by the client of version 1 and by that of version 2`, async t => {
    const { url } = await startEndpoint(t, { application: sdkV1Application(() => serverV1(probe)), revisions: [revision] })
    withEach(t, revision, { url, kinds: [v1, plain] }, async (t, peer) => {
      t.equal(peer.revision, revision)
      t.equal(textOf(await peer.call('echo', { text: revision })), revision)
      const seen: number[] = []
      await peer.call('steps', { count: 5 }, { onprogress: ({ progress }) => seen.push(progress) })
      t.strictSame(seen, [1, 2, 3, 4, 5])
    })
  })
}

t.test('D-19: a server of SDK 1.x without sessions', async t => {
  const { url } = await startEndpoint(t, { application: sdkV1Application(() => serverV1(probe)), sessions: false })
  withEach(t, 'sessionless', { url, kinds }, async (t, peer) => {
    t.equal(textOf(await peer.call('echo', { text: 'alone' })), 'alone')
    const seen: number[] = []
    await peer.call('steps', { count: 5 }, { onprogress: ({ progress }) => seen.push(progress) })
    t.strictSame(seen, [1, 2, 3, 4, 5])
  })
})
