import type { JsonObject } from '@mcp/protocol'
import t from 'tap'
import { modernClient } from './modern-client.ts'

const { request } = modernClient()

async function toolNamed (name: string): Promise<JsonObject> {
  const { result } = await request('tools/list')
  return (result.tools as JsonObject[]).find(tool => tool.name === name) ?? {}
}

t.test('E-8 discovery advertises what the server has', async t => {
  const { result } = await request('server/discover')
  t.match(result, {
    capabilities: {
      tools: { listChanged: true },
      prompts: { listChanged: true },
      resources: { listChanged: true, subscribe: true },
      completions: {}
    }
  })
})

t.test('every tool has a description and an object schema', async t => {
  const { result } = await request('tools/list')
  const tools = result.tools as JsonObject[]
  t.ok(tools.length >= 25)
  for (const tool of tools) t.match(tool, { name: /^[a-z0-9_]{1,64}$/, description: /./, inputSchema: { type: 'object' } })
  t.equal(tools[0]?.name, 'test_simple_text', 'the first tool takes no arguments')
})

t.test('E-10 the list of tools is the same each time', async t => {
  t.same((await request('tools/list')).result, (await request('tools/list')).result)
})

t.test('H-14 JSON Schema 2020-12 reaches the list unchanged', async t => {
  const { inputSchema } = await toolNamed('json_schema_2020_12_tool')
  t.match(inputSchema, {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $defs: { address: { $anchor: 'addressDef' } },
    allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
    if: {},
    then: { required: ['phone'] },
    else: { required: ['email'] },
    additionalProperties: false
  })
})

t.test('E-19 mirrored arguments are annotated', async t => {
  const { inputSchema } = await toolNamed('test_x_mcp_header')
  t.match(inputSchema, {
    properties: {
      region: { type: 'string', 'x-mcp-header': 'Region' },
      shard: { type: 'integer', 'x-mcp-header': 'Shard' },
      urgent: { type: 'boolean', 'x-mcp-header': 'Urgent' }
    },
    required: ['region']
  })
})

for (const method of ['server/discover', 'tools/list', 'prompts/list', 'resources/list', 'resources/templates/list']) {
  t.test(`E-51 ${method} may be cached by anyone for a minute`, async t => {
    t.match((await request(method)).result, { ttlMs: 60_000, cacheScope: 'public' })
  })
}

t.test('E-51 what is read has hints of its own', async t => {
  t.match((await request('resources/read', { uri: 'test://static-text' })).result, { ttlMs: 3_600_000, cacheScope: 'public' })
  t.match((await request('resources/read', { uri: 'test://watched-resource' })).result, { ttlMs: 0, cacheScope: 'private' })
})

t.test('A-13 an unknown resource is named in the error', async t => {
  const { error } = await request('resources/read', { uri: 'test://nothing' })
  t.match(error, { code: -32602, data: { uri: 'test://nothing' } })
})

t.test('templates, prompts and completion answer', async t => {
  const { result: data } = await request('resources/read', { uri: 'test://template/123/data' })
  t.match(data.contents, [{ uri: 'test://template/123/data', mimeType: 'application/json', text: /"id":"123"/ }])

  const { result: prompt } = await request('prompts/get', { name: 'test_prompt_with_arguments', arguments: { arg1: 'a', arg2: 'b' } })
  t.match(prompt.messages, [{ content: { text: "Prompt with arguments: arg1='a', arg2='b'" } }])

  const ref = { type: 'ref/prompt', name: 'test_prompt_with_arguments' }
  const { result: words } = await request('completion/complete', { ref, argument: { name: 'arg1', value: 'par' } })
  t.match(words, { completion: { values: ['paris', 'park', 'party'] } })

  const template = { type: 'ref/resource', uri: 'test://template/{id}/data' }
  const { result: ids } = await request('completion/complete', { ref: template, argument: { name: 'id', value: '12' } })
  t.match(ids, { completion: { values: ['12', '123', '124'] } })
})
