import { sdkApplication } from '@mcp/sdk-adapter'
import t from 'tap'
import { startEndpoint } from './lib/apps.ts'
import { KINDS, LEGACY, MODERNS, since, v1, withEach } from './lib/kinds.ts'
import { isRefused, textOf, type PeerOptions } from './lib/peer.ts'
import { PAGES, Probe, serverV2 } from './lib/server-v2.ts'

const probe = new Probe()
const { url } = await startEndpoint(t, { application: sdkApplication(() => serverV2(probe)) })

/** Revisions that know structured content, links and elicitation. */
const kinds = since('2025-06-18')

withEach(t, 'A-34: structured content, checked by the client against the schema of the tool', { url, kinds }, async (t, peer) => {
  const { tools } = await peer.client.listTools()
  const described = { title: 'Structured', annotations: { readOnlyHint: true }, outputSchema: { type: 'object' } }
  t.match(tools.find(tool => tool.name === 'structured'), described)
  const result = await peer.call('structured', { city: 'Zürich' })
  t.strictSame(result.structuredContent, { city: 'Zürich', celsius: 21.5 })
  t.equal(textOf(result), '21.5° in Zürich')
})

withEach(t, 'A-34: links to resources', { url, kinds }, async (t, peer) => {
  t.match(await peer.call('link'), { content: [{ type: 'resource_link', uri: 'res://1', annotations: { priority: 0.5 } }] })
})

withEach(t, 'A-60: pages of a list', { url }, async (t, peer) => {
  const uris: string[] = []
  for (let cursor: string | undefined = '0'; cursor !== undefined;) {
    const page: { resources: Array<{ uri: string }>, nextCursor?: string | undefined } = await peer.client.listResources({ cursor })
    uris.push(...page.resources.map(resource => resource.uri))
    cursor = page.nextCursor
  }
  t.strictSame(uris, PAGES.flat())
})

const asked = LEGACY.filter(kind => kinds.includes(kind))

withEach(t, 'A-51, C-10, C-11: a handler that asks with requests of its own', { url, kinds: asked }, async (t, peer) => {
  const [form, sampled, roots] = JSON.parse(textOf(await peer.call('push')))
  t.match(form, { name: 'Ada' })
  t.match(sampled, { text: 'Paris' })
  t.strictSame(roots, ['file:///work'])
})

withEach(t, 'C-31: which modern clients are spared', { url, kinds: MODERNS }, async (t, peer) => {
  t.equal(await isRefused(peer.call('push')), true)
})

const visitor: PeerOptions = {
  capabilities: { elicitation: { url: {}, form: {} } },
  answers: { elicitation: ({ mode, url }) => ({ action: mode === 'url' && url === 'https://example.com/sign-in' ? 'accept' : 'cancel' }) }
}

withEach(t, 'E-57, A-51: the user is sent to a URL', { url, kinds: since('2025-11-25'), options: visitor }, async (t, peer) => {
  t.equal(textOf(await peer.call('visit')), 'visited: accept')
})

const formsAlone: PeerOptions = { capabilities: { elicitation: { form: {} } } }

withEach(t, 'E-57, A-51: not a client that knows forms alone', { url, kinds: since('2025-11-25'), options: formsAlone }, async (t, peer) => {
  t.equal(await isRefused(peer.call('visit')), true)
})

withEach(t, 'A-58, E-44, E-45, C-34: a call that is aborted ends in the handler', { url }, async (t, peer, kind) => {
  const key = `abort ${kind.name}`
  const abort = new AbortController()
  const call = peer.call('hang', { key }, { signal: abort.signal })
  await probe.saw(`started ${key}`)
  abort.abort(new Error('no longer wanted'))
  await t.rejects(call, /no longer wanted/)
  t.ok(await probe.saw(`aborted ${key}`))
  await peer.call('structured', { city: 'after it' })
  const told = peer.wire.tripsOf('notifications/cancelled')
  if (MODERNS.includes(kind)) {
    t.strictSame(told, [], 'by closing the reply alone')
  } else {
    t.strictSame(told.map(trip => trip.status), [202])
    t.strictSame(peer.wire.tripsOf('tools/call')[0]?.messages, [], 'and is not answered')
  }
})

t.test('A-57, E-46: a call that takes too long ends in the handler', async t => {
  await Promise.all(KINDS.map(async kind => {
    const key = `timeout ${kind.name}`
    const peer = await kind.connect(url)
    t.teardown(() => peer.close())
    await t.rejects(peer.call('hang', { key }, { timeout: 2_000 }), /timed out/i, kind.name)
    t.ok(await probe.saw(`aborted ${key}`))
  }))
})

t.test('E-44, A-58: of two calls the other goes on', async t => {
  for (const kind of KINDS) {
    const peer = await kind.connect(url)
    t.teardown(() => peer.close())
    const abort = new AbortController()
    const keys = [`one ${kind.name}`, `two ${kind.name}`]
    const calls = keys.map((key, index) => peer.call('hang', { key }, index === 0 ? { signal: abort.signal } : {}))
    const ended = Promise.allSettled(calls)
    await Promise.all(keys.map(key => probe.saw(`started ${key}`)))
    abort.abort()
    await probe.saw(`aborted ${keys[0]}`)
    const still = Symbol('still running')
    t.equal(await Promise.race([calls[1], Promise.resolve(still)]), still, kind.name)
    await peer.close()
    await ended
  }
})

withEach(t, 'C-17, E-39: a tool that is added is announced by the SDK itself', { url, kinds: LEGACY }, async (t, peer) => {
  await peer.wire.trip(trip => trip.method === 'GET')
  await peer.call('grow')
  await peer.notifications.take('notifications/tools/list_changed')
  t.equal(textOf(await peer.call('grown')), 'new')
  const carrying = peer.wire.trips.filter(trip => trip.messages.some(message => message.method?.endsWith('list_changed')))
  t.strictSame(carrying.map(trip => trip.method), ['GET'])
})

for (const kind of [v1, ...MODERNS]) {
  t.test(`D-10, C-34: a client that leaves takes its call with it (${kind.name})`, async t => {
    const key = `leave ${kind.name}`
    const peer = await kind.connect(url)
    const call = peer.call('hang', { key })
    call.catch(() => {})
    await probe.saw(`started ${key}`)
    // Legacy clients say so; of modern ones the closed connection is enough.
    if (kind === v1) await peer.transport.terminateSession()
    await peer.close()
    t.ok(await probe.saw(`aborted ${key}`))
    await t.rejects(call)
  })
}
