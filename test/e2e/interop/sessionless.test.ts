import t from 'tap'
import { startReference } from './lib/apps.ts'
import { KINDS, LEGACY, MODERNS, withEach } from './lib/kinds.ts'
import { isRefused, textOf } from './lib/peer.ts'

const applications = ['sdk', 'raw'] as const

for (const MCP_APPLICATION of applications) {
  const { url } = await startReference(t, { MCP_APPLICATION, MCP_SESSIONS: 'off' })

  withEach(t, `D-19, A-26, A-25: every client works without sessions (${MCP_APPLICATION})`, { url }, async (t, peer, kind) => {
    t.equal(peer.revision, kind.revision)
    t.equal(peer.transport.sessionId, undefined)
    t.equal(textOf(await peer.call('echo', { text: 'ünbound' })), 'ünbound')
    t.ok((await peer.client.listTools()).tools.some(tool => tool.name === 'burst'))
    const seen: number[] = []
    await peer.call('burst', { count: 40 }, { onprogress: ({ progress }) => seen.push(progress) })
    t.strictSame(seen, Array.from({ length: 40 }, (_, index) => index + 1))
    if (LEGACY.includes(kind)) t.equal((await peer.wire.trip(trip => trip.method === 'GET')).status, 405)
    t.strictSame(peer.errors, [], 'a client takes the 405 for what it is')
  })

  withEach(t, `D-19, A-43: ping without a session (${MCP_APPLICATION})`, { url, kinds: LEGACY }, async (t, peer) => {
    t.match(await peer.client.ping(), {})
    await peer.transport.terminateSession()
  })
}

const { url } = await startReference(t, { MCP_SESSIONS: 'off' })

withEach(t, 'D-19: what needs no session is there: resources, prompts, completion', { url }, async (t, peer) => {
  t.match(await peer.client.readResource({ uri: 'test://static-text' }), { contents: [{ uri: 'test://static-text' }] })
  t.match(await peer.client.getPrompt({ name: 'test_simple_prompt' }), { messages: [{ role: 'user' }] })
  const ref = { type: 'ref/prompt', name: 'test_prompt_with_arguments' } as const
  t.strictSame((await peer.client.complete({ ref, argument: { name: 'arg1', value: 'wor' } })).completion.values, ['world'])
})

withEach(t, 'D-19: legacy clients cannot be asked', { url, kinds: LEGACY }, async (t, peer) => {
  t.equal(await isRefused(peer.call('test_sampling', { prompt: 'x' })), true)
  t.notOk(peer.wire.messages.some(message => message.method === 'sampling/createMessage'))
})

withEach(t, 'D-19, E-60, E-32: modern clients miss nothing', { url, kinds: MODERNS }, async (t, peer) => {
  t.equal(textOf(await peer.call('test_input_required_result_multi_round')), 'Ada likes green')
  await peer.v2?.listen({ toolsListChanged: true })
  await peer.call('test_trigger_tool_change')
  await peer.notifications.take('notifications/tools/list_changed')
})

withEach(t, 'A-4: 30 calls at once without sessions', { url, kinds: KINDS }, async (t, peer) => {
  const texts = Array.from({ length: 30 }, (_, index) => `call ${index}`)
  t.strictSame(await Promise.all(texts.map(async text => textOf(await peer.call('echo', { text })))), texts)
})
