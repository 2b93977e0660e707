import { REVISIONS, type JsonObject, type JsonRpcMessage, type JsonRpcRequest } from '@mcp/protocol'
import t from 'tap'
import { rawApplication } from '../src/raw.ts'
import { recordingExchange } from './recording-exchange.ts'

function request (method: string, params?: JsonObject): JsonRpcRequest {
  return params === undefined ? { jsonrpc: '2.0', id: 7, method } : { jsonrpc: '2.0', id: 7, method, params }
}

function call (name: string, input: JsonObject, progressToken?: string): JsonRpcRequest {
  return request('tools/call', { name, arguments: input, ...(progressToken !== undefined && { _meta: { progressToken } }) })
}

async function answers (message: JsonRpcMessage): Promise<JsonRpcMessage[]> {
  const { exchange, sent } = recordingExchange(message)
  await rawApplication(exchange)
  return sent
}

for (const revision of REVISIONS) {
  t.test(`answers initialize with the negotiated revision ${revision}`, async t => {
    const { exchange, sent } = recordingExchange(request('initialize', {}), revision)
    await rawApplication(exchange)
    t.match(sent, [{ jsonrpc: '2.0', id: 7, result: { protocolVersion: revision, capabilities: { tools: {} } } }])
  })
}

t.test('answers ping, server/discover and tools/list', async t => {
  t.same(await answers(request('ping')), [{ jsonrpc: '2.0', id: 7, result: {} }])
  t.match(await answers(request('server/discover')), [{ result: { supportedVersions: ['2026-07-28'], capabilities: { tools: {} } } }])
  t.match(await answers(request('tools/list')), [{ result: { tools: [{ name: 'echo' }, { name: 'burst' }, { name: 'countdown' }] } }])
})

t.test('A-6 answers nothing to notifications and responses', async t => {
  t.same(await answers({ jsonrpc: '2.0', method: 'notifications/initialized' }), [])
  t.same(await answers({ jsonrpc: '2.0', id: 7, result: {} }), [])
})

t.test('A-42 refuses unknown methods and tools', async t => {
  t.match(await answers(request('prompts/list')), [{ id: 7, error: { code: -32601 } }])
  t.match(await answers(call('nope', {})), [{ id: 7, error: { code: -32602, message: 'Unknown tool: nope' } }])
  t.match(await answers(request('tools/call')), [{ id: 7, error: { code: -32602 } }])
})

t.test('echo sends one message and asks for no signal', async t => {
  const { exchange, sent, signalReads } = recordingExchange(call('echo', { text: 'Grüße' }))
  await rawApplication(exchange)
  t.same(sent, [{ jsonrpc: '2.0', id: 7, result: { content: [{ type: 'text', text: 'Grüße' }] } }])
  t.equal(signalReads(), 0)
})

const badInput: Array<[string, JsonObject]> = [
  ['echo', {}], ['echo', { text: 1 }],
  ['burst', {}], ['burst', { count: -1 }], ['burst', { count: 1.5 }], ['burst', { count: '3' }], ['burst', { count: 1_000_001 }],
  ['countdown', {}], ['countdown', { seconds: 3601 }]
]

for (const [name, input] of badInput) {
  t.test(`A-42 ${name} ${JSON.stringify(input)} is an error the model can read`, async t => {
    t.match(await answers(call(name, input)), [{ id: 7, result: { isError: true, content: [{ type: 'text', text: /must be/ }] } }])
  })
}

t.test('A-59 burst counts up and answers last', async t => {
  const sent = await answers(call('burst', { count: 3 }, 'token'))
  t.match(sent.slice(0, 3), [1, 2, 3].map(progress => ({
    method: 'notifications/progress', params: { progressToken: 'token', progress, total: 3 }
  })))
  t.match(sent.slice(3), [{ id: 7, result: { content: [{ text: 'Sent 3 progress notifications' }] } }])
})

t.test('A-59 without a token there is nothing to report', async t => {
  t.match(await answers(call('burst', { count: 3 })), [{ id: 7, result: {} }])
  t.match(await answers(call('burst', { count: 0 }, 'token')), [{ id: 7, result: {} }])
  t.match(await answers(call('countdown', { seconds: 0 }, 'token')), [{ id: 7, result: {} }])
})

t.test('A-58 a cancelled burst stops and answers nothing', async t => {
  const { exchange, sent, abort } = recordingExchange(call('burst', { count: 1_000_000 }, 'token'))
  const done = rawApplication(exchange)
  await new Promise(resolve => setImmediate(resolve))
  abort()
  await done
  t.ok(sent.length < 1000)
  t.notOk(sent.some(message => 'result' in message))
})

t.test('A-58 a cancelled countdown stops at once and answers nothing', async t => {
  const { exchange, sent, abort } = recordingExchange(call('countdown', { seconds: 3600 }, 'token'))
  const done = rawApplication(exchange)
  abort()
  await done
  t.same(sent, [])
})

t.test('countdown reports each second, then answers', async t => {
  const sent = await answers(call('countdown', { seconds: 1 }, 'token'))
  t.match(sent, [
    { method: 'notifications/progress', params: { progressToken: 'token', progress: 1, total: 1 } },
    { id: 7, result: { content: [{ text: 'Counted 1 seconds' }] } }
  ])
})
