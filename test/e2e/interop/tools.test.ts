import t from 'tap'
import { isObject } from '@mcp/protocol'
import { startReference } from './lib/apps.ts'
import { LEGACY, MODERNS, since, withEach } from './lib/kinds.ts'
import { textOf } from './lib/peer.ts'

const { url } = await startReference(t)

withEach(t, 'A-48, A-34: the revision is negotiated; server and tools introduce themselves', { url }, async (t, peer, kind) => {
  t.equal(peer.revision, kind.revision)
  t.match(peer.client.getServerVersion(), { name: 'mcp-reference-server' })
  t.match(peer.client.getInstructions(), 'Reference server')
  const offered = { tools: { listChanged: true }, resources: { subscribe: true }, logging: {}, completions: {} }
  t.match(peer.client.getServerCapabilities(), offered)
  const { tools } = await peer.client.listTools()
  const schema = tools.find(tool => tool.name === 'json_schema_2020_12_tool')?.inputSchema
  t.match(schema, { $defs: { address: { $anchor: 'addressDef' } }, if: {}, then: {}, else: {} }, 'schemas arrive unchanged')
  t.equal(tools.length, new Set(tools.map(tool => tool.name)).size)
})

withEach(t, 'A-34: text, image, resource and mixed content', { url }, async (t, peer) => {
  t.match(await peer.call('test_simple_text'), { content: [{ type: 'text', text: 'This is a simple text response for testing.' }] })
  t.match(await peer.call('test_image_content'), { content: [{ type: 'image', mimeType: 'image/png', data: /^iVBOR/ }] })
  t.match(await peer.call('test_embedded_resource'), { content: [{ type: 'resource', resource: { uri: 'test://embedded-resource' } }] })
  const { content } = await peer.call('test_multiple_content_types')
  t.strictSame(Array.isArray(content) && content.map(block => isObject(block) && block.type), ['text', 'image', 'resource'])
})

withEach(t, 'A-34: sound, which 2024-11-05 does not know', { url, kinds: since('2025-03-26') }, async (t, peer) => {
  t.match(await peer.call('test_audio_content'), { content: [{ type: 'audio', mimeType: 'audio/wav', data: /^UklGR/ }] })
})

withEach(t, 'A-42: failures of tools are results, an unknown tool is an error', { url }, async (t, peer) => {
  const failed = await peer.call('test_error_handling')
  t.equal(failed.isError, true)
  t.match(textOf(failed), 'intentionally')
  t.equal((await peer.call('echo', { text: 1 })).isError, true, 'arguments that do not fit')
  await t.rejects(peer.call('no_such_tool'), { code: -32602 })
  // SDK 2.x says -32602 to legacy clients too, instead of -32002.
  await t.rejects(peer.client.readResource({ uri: 'test://nothing' }), { code: -32602 })
})

withEach(t, 'A-4, A-5: of 30 calls at once each gets its own result', { url }, async (t, peer) => {
  const texts = Array.from({ length: 30 }, (_, index) => `call ${index}`)
  const results = await Promise.all(texts.map((text, index) => index % 3 === 0
    ? peer.call('test_tool_with_progress').then(result => `${text} ${textOf(result)}`)
    : peer.call('echo', { text }).then(textOf)))
  t.strictSame(results, texts.map((text, index) => index % 3 === 0 ? `${text} Tool with progress completed` : text))
})

withEach(t, 'A-1, C-7: text of every script arrives as it was sent', { url }, async (t, peer) => {
  const text = 'Grüße, 世界 👩‍👩‍👧‍👦 \u2028 \u2029 \u0000 \r\n\t "\\" \ud800 data: x\n\nevent: y ﷽ é vs é'
  t.equal(textOf(await peer.call('echo', { text })), text)
})

withEach(t, 'A-32, A-34: 2 MiB go in and come back', { url }, async (t, peer) => {
  const text = '0123456789abcdef'.repeat(131_072)
  t.equal(textOf(await peer.call('echo', { text })) === text, true)
})

withEach(t, 'A-43: ping', { url, kinds: LEGACY }, async (t, peer) => {
  t.match(await peer.client.ping(), {})
})

withEach(t, 'E-8, E-9: discover', { url, kinds: MODERNS }, async (t, peer) => {
  const found = await peer.v2?.discover()
  t.strictSame(found?.supportedVersions, ['2026-07-28'])
  t.match(found?.capabilities, { tools: {}, prompts: {}, resources: {} })
})

withEach(t, 'E-13, E-21: arguments are mirrored into headers and checked', { url, kinds: MODERNS }, async (t, peer) => {
  await peer.client.listTools()
  const input = { region: 'Süd, 世界 ', shard: 7, urgent: false, note: 'unseen' }
  const routed = await peer.call('test_x_mcp_header', input)
  t.strictSame(JSON.parse(textOf(routed).replace('Routed by: ', '')), input)
  const sent = peer.wire.tripsOf('tools/call').at(-1)?.headers
  t.match(sent?.get('mcp-param-region'), /^=\?base64\?.*\?=$/)
  t.equal(sent?.get('mcp-param-shard'), '7')
  t.equal(sent?.get('mcp-param-urgent'), 'false')
  t.equal(sent?.get('mcp-name'), 'test_x_mcp_header')
})

withEach(t, 'E-22, E-25: a client without the list of tools learns by refusal', { url, kinds: MODERNS }, async (t, peer) => {
  const routed = await peer.call('test_x_mcp_header', { region: 'eu' })
  t.match(textOf(routed), 'eu')
  t.strictSame(peer.wire.tripsOf('tools/call').map(trip => [trip.status, trip.messages[0]?.error?.code]), [[400, -32020], [200, undefined]])
})

withEach(t, 'E-20: legacy clients call the same tool without headers', { url, kinds: LEGACY }, async (t, peer) => {
  t.match(textOf(await peer.call('test_x_mcp_header', { region: 'eu', shard: 1 })), 'eu')
})
