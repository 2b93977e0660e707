import t from 'tap'
import { legacyClient } from './legacy-client.ts'
import { modernClient } from './modern-client.ts'

t.test('every kind of content', async t => {
  const { client } = await legacyClient(t)
  const kinds: Array<[name: string, types: string[]]> = [
    ['test_simple_text', ['text']],
    ['test_image_content', ['image']],
    ['test_audio_content', ['audio']],
    ['test_embedded_resource', ['resource']],
    ['test_multiple_content_types', ['text', 'image', 'resource']]
  ]
  for (const [name, types] of kinds) {
    const { content } = await client.callTool({ name })
    t.same(content.map(block => block.type), types, name)
  }
})

t.test('the sound is a WAV file of the length it says', async t => {
  const { client } = await legacyClient(t)
  const { content: [sound] } = await client.callTool({ name: 'test_audio_content' })
  const bytes = Buffer.from(sound?.type === 'audio' ? sound.data : '', 'base64')
  t.equal(bytes.toString('latin1', 0, 4), 'RIFF')
  t.equal(bytes.readUInt32LE(4), bytes.length - 8)
})

t.test('A-42 a failing tool and bad arguments are results the model can read', async t => {
  const { client } = await legacyClient(t)
  t.match(await client.callTool({ name: 'test_error_handling' }), { isError: true, content: [{ text: /intentionally/ }] })
  t.match(await client.callTool({ name: 'echo', arguments: {} }), { isError: true })
  t.match(await client.callTool({ name: 'burst', arguments: { count: -1 } }), { isError: true })
})

t.test('A-59 burst and countdown report progress in order', async t => {
  const { client } = await legacyClient(t)
  for (const [name, input, total] of [['burst', { count: 20 }, 20], ['countdown', { seconds: 1 }, 1]] as const) {
    const seen: number[] = []
    await client.callTool({ name, arguments: input }, { onprogress: ({ progress }) => { seen.push(progress) } })
    t.same(seen, Array.from({ length: total }, (_, index) => index + 1), name)
  }
})

t.test('A-58 countdown can be cancelled', async t => {
  const { client } = await legacyClient(t)
  const controller = new AbortController()
  const call = client.callTool({ name: 'countdown', arguments: { seconds: 3600 } }, { signal: controller.signal })
  controller.abort('enough')
  await t.rejects(call)
})

t.test('A-61 log messages reach a legacy client from the level it set', async t => {
  const { client } = await legacyClient(t)
  const seen: unknown[] = []
  client.setNotificationHandler('notifications/message', ({ params }) => { seen.push(params.data) })
  await client.setLoggingLevel('error')
  await client.callTool({ name: 'test_tool_with_logging' })
  t.same(seen, [])
  await client.setLoggingLevel('info')
  await client.callTool({ name: 'test_tool_with_logging' })
  t.same(seen, ['Tool execution started', 'Tool processing data', 'Tool execution completed'])
})

t.test('a legacy client is asked on the stream of its call', async t => {
  const { client } = await legacyClient(t)
  const asked: unknown[] = []
  client.setRequestHandler('elicitation/create', ({ params }) => {
    asked.push('requestedSchema' in params ? Object.keys(params.requestedSchema.properties) : params)
    return { action: 'accept', content: { username: 'ada' } }
  })
  client.setRequestHandler('sampling/createMessage', ({ params }) => {
    asked.push(params.maxTokens)
    return { role: 'assistant', model: 'test', content: { type: 'text', text: 'Hi' } }
  })
  t.match(await client.callTool({ name: 'test_elicitation', arguments: { message: 'Who?' } }), {
    content: [{ text: 'User response: action=accept, content={"username":"ada"}' }]
  })
  await client.callTool({ name: 'test_elicitation_sep1034_defaults' })
  await client.callTool({ name: 'test_elicitation_sep1330_enums' })
  t.match(await client.callTool({ name: 'test_sampling', arguments: { prompt: 'Hello' } }), { content: [{ text: 'LLM response: Hi' }] })
  t.same(asked, [
    ['username', 'email'],
    ['name', 'age', 'score', 'status', 'verified'],
    ['untitledSingle', 'titledSingle', 'legacyEnum', 'untitledMulti', 'titledMulti'],
    100
  ])
})

t.test('A-51 a legacy client is not asked for what it cannot do', async t => {
  const { client } = await legacyClient(t, {})
  t.match(await client.callTool({ name: 'test_elicitation', arguments: { message: 'Who?' } }), { isError: true })
  t.match(await client.callTool({ name: 'test_missing_capability' }), { isError: true })
})

t.test('E-57 a modern client is told which capability is missing', async t => {
  const { request } = modernClient()
  const { status, error } = await request('tools/call', { name: 'test_missing_capability', arguments: {} }, {})
  t.equal(status, 400)
  t.match(error, { code: -32021, data: { requiredCapabilities: { sampling: {} } } })
})

t.test('the triggers publish what they say', async t => {
  const { client, published } = await legacyClient(t)
  await client.callTool({ name: 'test_trigger_tool_change' })
  await client.callTool({ name: 'test_trigger_prompt_change' })
  await client.callTool({ name: 'test_trigger_resource_change' })
  await client.callTool({ name: 'test_trigger_resource_update' })
  await client.callTool({ name: 'test_trigger_resource_update', arguments: { uri: 'test://static-text' } })
  t.same(published, [
    { method: 'notifications/tools/list_changed' },
    { method: 'notifications/prompts/list_changed' },
    { method: 'notifications/resources/list_changed' },
    { method: 'notifications/resources/updated', params: { uri: 'test://watched-resource' } },
    { method: 'notifications/resources/updated', params: { uri: 'test://static-text' } }
  ])
})

t.test('a legacy client may subscribe and unsubscribe', async t => {
  const { client } = await legacyClient(t)
  t.same(await client.subscribeResource({ uri: 'test://watched-resource' }), {})
  t.same(await client.unsubscribeResource({ uri: 'test://watched-resource' }), {})
})
