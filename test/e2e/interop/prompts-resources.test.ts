import t from 'tap'
import { startReference } from './lib/apps.ts'
import { LEGACY, MODERNS, withEach } from './lib/kinds.ts'

const { url } = await startReference(t)

withEach(t, 'A-34: resources are listed and read', { url }, async (t, peer) => {
  const { resources } = await peer.client.listResources()
  t.match(resources.map(resource => resource.uri), ['test://static-text', 'test://static-binary', 'test://watched-resource'])
  t.match(await peer.client.readResource({ uri: 'test://static-text' }), { contents: [{ mimeType: 'text/plain', text: /static text/ }] })
  t.match(await peer.client.readResource({ uri: 'test://static-binary' }), { contents: [{ mimeType: 'image/png', blob: /^iVBOR/ }] })
})

withEach(t, 'A-34: templates are listed, completed and read', { url }, async (t, peer) => {
  const { resourceTemplates } = await peer.client.listResourceTemplates()
  t.match(resourceTemplates, [{ uriTemplate: 'test://template/{id}/data' }])
  const ref = { type: 'ref/resource', uri: 'test://template/{id}/data' } as const
  t.strictSame((await peer.client.complete({ ref, argument: { name: 'id', value: '12' } })).completion.values, ['12', '123', '124'])
  const { contents } = await peer.client.readResource({ uri: 'test://template/äö 1/data' })
  t.match(contents, [{ mimeType: 'application/json', text: /"templateTest":true/ }], 'a name beyond ASCII travels in a header too')
})

withEach(t, 'A-34: prompts are listed, completed and got', { url }, async (t, peer) => {
  const { prompts } = await peer.client.listPrompts()
  t.ok(prompts.some(prompt => prompt.name === 'test_prompt_with_arguments' && prompt.arguments?.length === 2))
  const ref = { type: 'ref/prompt', name: 'test_prompt_with_arguments' } as const
  const { completion } = await peer.client.complete({ ref, argument: { name: 'arg1', value: 'par' } })
  t.strictSame(completion.values, ['paris', 'park', 'party'])
  t.match(await peer.client.getPrompt({ name: 'test_simple_prompt' }), { messages: [{ role: 'user', content: { type: 'text' } }] })
  const given = await peer.client.getPrompt({ name: 'test_prompt_with_arguments', arguments: { arg1: 'a', arg2: '世界' } })
  t.match(given.messages, [{ content: { text: "Prompt with arguments: arg1='a', arg2='世界'" } }])
  const embedding = await peer.client.getPrompt({ name: 'test_prompt_with_embedded_resource', arguments: { resourceUri: 'test://x' } })
  t.match(embedding.messages[0], { content: { type: 'resource', resource: { uri: 'test://x' } } })
  t.match((await peer.client.getPrompt({ name: 'test_prompt_with_image' })).messages[0], { content: { type: 'image' } })
  await t.rejects(peer.client.getPrompt({ name: 'no_such_prompt' }), { code: -32602 })
})

withEach(t, 'E-51: lists come with hints how long they last, and the client keeps them', { url, kinds: MODERNS }, async (t, peer) => {
  await peer.client.listResources()
  await peer.client.listResources()
  const trips = peer.wire.tripsOf('resources/list')
  t.equal(trips.length, 1, 'the second list came from the cache')
  t.match(trips[0]?.messages[0]?.result, { ttlMs: 60_000, cacheScope: 'public' })
})

withEach(t, 'E-5, E-51: legacy results have none of the modern fields', { url, kinds: LEGACY }, async (t, peer) => {
  await peer.client.listResources()
  await peer.client.listTools()
  await peer.client.readResource({ uri: 'test://static-text' })
  for (const { result } of peer.wire.messages) {
    t.notOk(result !== undefined && ('resultType' in result || 'ttlMs' in result || 'cacheScope' in result))
  }
})
