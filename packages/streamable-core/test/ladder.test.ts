import type { JsonObject } from '@mcp/protocol'
import t from 'tap'
import { answering, call, initializeRequest, MODERN, modern, rawConnection, rawRequest, startApp, type Fields } from './helper.ts'

const VERSION = 'io.modelcontextprotocol/protocolVersion'
const CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities'
const META = { [VERSION]: MODERN, [CAPABILITIES]: {} }

interface Rung {
  name: string
  body: JsonObject
  headers?: Fields
  status: number
  code: number
  says: RegExp
  data?: JsonObject
}

/** A well-formed request for `method` with this `_meta`, and the headers of a modern one. */
function enveloped (method: string, meta: JsonObject, headers: Fields = {}): { body: JsonObject, headers: Fields } {
  return { body: call(method, { _meta: meta }, 'the-id'), headers: { 'mcp-protocol-version': MODERN, 'mcp-method': method, ...headers } }
}

const named: Fields = { 'mcp-protocol-version': MODERN, 'mcp-method': 'tools/call' }
const tool = (name: unknown): JsonObject => call('tools/call', { name, arguments: {}, _meta: META }, 'the-id')

const rungs: Rung[] = [
  {
    name: 'B-9: initialize with a modern header and no envelope',
    body: { ...initializeRequest(), id: 'the-id' },
    headers: { 'mcp-protocol-version': MODERN },
    status: 400,
    code: -32020,
    says: /initialize/
  },
  { name: 'B-9: the same with a version of the future', body: { ...initializeRequest(), id: 'the-id' }, headers: { 'mcp-protocol-version': 'v999' }, status: 400, code: -32020, says: /v999/ },
  { name: 'B-10: initialize with a valid envelope', ...enveloped('initialize', META), status: 404, code: -32601, says: /2026-07-28/ },
  { name: 'B-11, E-2: no clientCapabilities', ...enveloped('tools/list', { [VERSION]: MODERN }), status: 400, code: -32602, says: /clientCapabilities/ },
  { name: 'B-11, E-2: clientCapabilities that are a list', ...enveloped('tools/list', { ...META, [CAPABILITIES]: [] }), status: 400, code: -32602, says: /clientCapabilities/ },
  { name: 'B-11, E-2: clientCapabilities null', ...enveloped('tools/list', { ...META, [CAPABILITIES]: null }), status: 400, code: -32602, says: /clientCapabilities/ },
  { name: 'B-11: a version that is a number', ...enveloped('tools/list', { ...META, [VERSION]: 20260728 }), status: 400, code: -32602, says: /protocolVersion/ },
  { name: 'B-11: a version that is null', ...enveloped('tools/list', { ...META, [VERSION]: null }), status: 400, code: -32602, says: /protocolVersion/ },
  {
    name: 'B-11: clientInfo that is a string',
    ...enveloped('tools/list', { ...META, 'io.modelcontextprotocol/clientInfo': 'me' }),
    status: 400,
    code: -32602,
    says: /clientInfo/
  },
  { name: 'B-12, E-2: a modern header without a claim', ...enveloped('tools/list', {}), status: 400, code: -32602, says: /protocolVersion.*clientCapabilities/ },
  { name: 'B-12: a header of the future without params', body: call('ping', {}, 'the-id'), headers: { 'mcp-protocol-version': 'v999' }, status: 400, code: -32602, says: /_meta/ },
  { name: 'B-13: a header that differs from the claim', ...enveloped('tools/list', META, { 'mcp-protocol-version': '2025-11-25' }), status: 400, code: -32020, says: /2025-11-25/ },
  { name: 'B-13: even from an unknown claim', ...enveloped('tools/list', { ...META, [VERSION]: 'v999' }), status: 400, code: -32020, says: /v999/ },
  {
    name: 'B-14, A-9, B-29: an unknown version, in header and claim alike',
    ...enveloped('tools/list', { ...META, [VERSION]: 'v999' }, { 'mcp-protocol-version': 'v999' }),
    status: 400,
    code: -32022,
    says: /v999/,
    data: { supported: [MODERN], requested: 'v999' }
  },
  {
    name: 'B-14: a legacy version is not served per request',
    ...enveloped('tools/list', { ...META, [VERSION]: '2025-11-25' }, { 'mcp-protocol-version': '2025-11-25' }),
    status: 400,
    code: -32022,
    says: /2025-11-25/,
    data: { supported: [MODERN], requested: '2025-11-25' }
  },
  {
    name: 'B-14, E-9: server/discover is checked like any method',
    ...enveloped('server/discover', { ...META, [VERSION]: '2030-01-01' }, { 'mcp-protocol-version': '2030-01-01' }),
    status: 400,
    code: -32022,
    says: /2030-01-01/,
    data: { supported: [MODERN], requested: '2030-01-01' }
  },
  { name: 'B-15: a claim without version header', body: call('tools/list', { _meta: META }, 'the-id'), headers: { 'mcp-method': 'tools/list' }, status: 400, code: -32020, says: /MCP-Protocol-Version/i },
  { name: 'B-16, E-9: no Mcp-Method', body: call('server/discover', { _meta: META }, 'the-id'), headers: { 'mcp-protocol-version': MODERN }, status: 400, code: -32020, says: /Mcp-Method/ },
  { name: 'B-16: another method', ...enveloped('tools/list', META, { 'mcp-method': 'prompts/list' }), status: 400, code: -32020, says: /prompts\/list/ },
  { name: 'B-16, E-14: the method in another case', ...enveloped('tools/list', META, { 'mcp-method': 'Tools/List' }), status: 400, code: -32020, says: /Tools\/List/ },
  { name: 'B-16: it counts before the method is looked up', ...enveloped('no/such', META, { 'mcp-method': 'other' }), status: 400, code: -32020, says: /Mcp-Method/ },
  { name: 'B-17: no Mcp-Name', body: tool('x'), headers: named, status: 400, code: -32020, says: /Mcp-Name/ },
  { name: 'B-17: another name', body: tool('x'), headers: { ...named, 'mcp-name': 'y' }, status: 400, code: -32020, says: /Mcp-Name/ },
  { name: 'B-17: a name that cannot be decoded', body: tool('x'), headers: { ...named, 'mcp-name': '=?base64?%%%?=' }, status: 400, code: -32020, says: /base64/ },
  { name: 'B-19: a method nobody knows', ...enveloped('no/such', META), status: 404, code: -32601, says: /no\/such/ },
  ...['ping', 'logging/setLevel', 'resources/subscribe', 'resources/unsubscribe'].map(method => (
    { name: `B-19, A-43: ${method} was removed`, ...enveloped(method, META), status: 404, code: -32601, says: /does not exist/ }
  ))
]

for (const { name, body, headers, status, code, says, data } of rungs) {
  t.test(name + ' (E-27, E-28, B-28, B-32)', async t => {
    const { rpc, initialize, logs } = await startApp(t)
    const session = (await initialize())['mcp-session-id'] ?? ''
    for (const legacy of [{}, { 'mcp-session-id': 'stale' }, { 'mcp-session-id': session, 'last-event-id': 'x_1' }]) {
      const answer = await rpc(body, { ...headers, ...legacy })
      t.equal(answer.status, status, answer.text)
      t.match(answer.headers.get('content-type'), /^application\/json/)
      t.equal(answer.headers.get('mcp-session-id'), null)
      t.match(answer.message, { jsonrpc: '2.0', id: 'the-id', error: { code, message: says } })
      t.strictSame(answer.message.error?.data, data)
    }
    if (name.includes('nobody knows')) return
    t.match(logs.find(line => line.msg === 'request refused'), { status, code, rung: /./, reason: says }, 'logged with rung and reason')
  })
}

t.test('B-1: a foreign Host or Origin is 403 before method, media type or body are looked at', async t => {
  const { port } = await startApp(t)
  for (const bad of ['Host: evil.example', 'Origin: https://evil.example']) {
    for (const method of ['POST', 'GET', 'DELETE', 'PUT', 'HEAD']) {
      const body = method === 'POST' ? '{broken' : ''
      const connection = await rawConnection(t, port, rawRequest(method, [bad, 'Content-Type: text/plain', 'Mcp-Session-Id: unknown'], body))
      t.match(await connection.closed(), /^HTTP\/1\.1 403 /, `${method} ${bad}`)
    }
  }
})

t.test('B-7: a posted response belongs to a session', async t => {
  const { rpc, initialize } = await startApp(t)
  const session = await initialize()
  const response = { jsonrpc: '2.0', id: 'x', result: {} }
  t.equal((await rpc(response, session)).status, 202)
  for (const headers of [{}, { 'mcp-protocol-version': '2025-11-25' }, { ...session, 'mcp-protocol-version': MODERN }]) {
    const answer = await rpc(response, headers)
    t.equal(answer.status, 400)
    t.equal(answer.message.error?.code, -32600)
  }
  t.equal((await rpc(response, { 'mcp-session-id': 'unknown' })).status, 404)
  const modernOnly = await startApp(t, { revisions: [MODERN] })
  t.equal((await modernOnly.rpc(response, session)).status, 400)
})

t.test('B-9: an invalid envelope does not make initialize modern', async t => {
  const { rpc } = await startApp(t)
  const { params } = initializeRequest() as { params: JsonObject }
  for (const _meta of [{}, { progressToken: 1 }, { [VERSION]: MODERN }, { [VERSION]: 5, [CAPABILITIES]: {} }]) {
    const answer = await rpc({ ...initializeRequest(), params: { ...params, _meta } })
    t.equal(answer.status, 200, JSON.stringify(_meta))
    t.not(answer.headers.get('mcp-session-id'), null)
  }
})

t.test('B-17, B-22: a body without the name it should have is for the application to refuse, with 400', async t => {
  const application = answering({
    'tools/call': async exchange => {
      await exchange.send({ jsonrpc: '2.0', id: exchange.message.id, error: { code: -32602, message: 'name must be a string' } })
      return undefined
    }
  })
  const { rpc } = await startApp(t, { application })
  for (const headers of [named, { ...named, 'mcp-name': 'x' }]) {
    for (const name of [undefined, 5, null]) {
      const answer = await rpc(tool(name), headers)
      t.equal(answer.status, 400)
      t.match(answer.message, { id: 'the-id', error: { code: -32602 } })
    }
  }
})

t.test('B-18: a routing header that comes twice is 400 with -32020, equal values or not', async t => {
  const { port } = await startApp(t)
  const [body, headers] = modern('tools/call', { name: 'x' })
  const once = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  for (const extra of ['MCP-Protocol-Version: 2026-07-28', 'Mcp-Method: tools/call', 'Mcp-Name: x', 'mcp-name: y']) {
    const connection = await rawConnection(t, port, rawRequest('POST', ['Content-Type: application/json', ...once, extra], JSON.stringify(body)))
    const text = await connection.closed()
    t.match(text, /^HTTP\/1\.1 400 /, extra)
    t.match(JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4)), { id: 1, error: { code: -32020 } })
  }
})

t.test('B-20, B-22, E-30: what the application finds out keeps its code and data and gets its status', async t => {
  const requiredCapabilities = { elicitation: {} }
  const application = answering({
    'test/fail': async exchange => {
      const code = Number(exchange.message.params?.code)
      await exchange.send({ jsonrpc: '2.0', id: exchange.message.id, error: { code, message: 'as it is', data: { requiredCapabilities } } })
      return undefined
    }
  })
  const { rpc } = await startApp(t, { application })
  for (const [code, status] of [[-32021, 400], [-32602, 400], [-32601, 404], [-32603, 200], [1234, 200], [-31000, 200]]) {
    const answer = await rpc(...modern('test/fail', { code }))
    t.equal(answer.status, status, `${code}`)
    t.strictSame(answer.message, { jsonrpc: '2.0', id: 1, error: { code, message: 'as it is', data: { requiredCapabilities } } })
  }
})

t.test('B-24: without the legacy era, initialize is -32022 and the rest -32020', async t => {
  const { rpc } = await startApp(t, { revisions: [MODERN] })
  const initialize = await rpc(initializeRequest())
  t.equal(initialize.status, 400)
  t.match(initialize.message, { id: 0, error: { code: -32022, message: /2026-07-28/, data: { supported: [MODERN], requested: '2025-11-25' } } })
  const other = await rpc(call('tools/list'))
  t.equal(other.status, 400)
  t.match(other.message, { id: 1, error: { code: -32020, message: /2026-07-28/ } })
  const notification = await rpc({ jsonrpc: '2.0', method: 'notifications/initialized' })
  t.equal(notification.status, 202)
  t.equal(notification.text, '')
})

t.test('B-25, B-26: a modern notification is checked where it has headers, then accepted and dropped', async t => {
  const seen: unknown[] = []
  const { rpc } = await startApp(t, { application: exchange => { seen.push(exchange.message) } })
  const notification = (method: string, meta: JsonObject = META): JsonObject => ({ jsonrpc: '2.0', method, params: { requestId: 1, _meta: meta } })
  for (const headers of [{}, { 'mcp-protocol-version': MODERN }, { 'mcp-protocol-version': MODERN, 'mcp-method': 'notifications/cancelled' }]) {
    const answer = await rpc(notification('notifications/cancelled'), headers)
    t.equal(answer.status, 202)
    t.equal(answer.text, '')
  }
  for (const [meta, headers, code] of [
    [META, { 'mcp-protocol-version': '2025-11-25' }, -32020], [META, { 'mcp-method': 'notifications/progress' }, -32020],
    [{ [VERSION]: 'v999' }, {}, -32022], [{ [VERSION]: 7 }, {}, -32602]
  ] as const) {
    const answer = await rpc(notification('notifications/cancelled', meta), headers)
    t.equal(answer.status, 400)
    t.equal(answer.message.error?.code, code)
    t.notOk('id' in answer.message)
  }
  t.strictSame(seen, [])
})

t.test('B-28: a modern request may drag along a session and an event id', async t => {
  const { rpc } = await startApp(t)
  const answer = await rpc(...modern('server/discover', {}, { 'mcp-session-id': 'long gone', 'last-event-id': 'x_17' }))
  t.equal(answer.status, 200)
  t.equal(answer.headers.get('mcp-session-id'), null)
})

t.test('B-31: without the modern era, modern requests get a JSON answer at once', async t => {
  const legacyRevisions = ['2025-03-26', '2025-06-18', '2025-11-25'] as const
  const { rpc, initialize } = await startApp(t, { revisions: legacyRevisions })
  for (const session of [{}, { 'mcp-session-id': (await initialize())['mcp-session-id'] ?? '' }, { 'mcp-session-id': 'unknown' }]) {
    for (const method of ['server/discover', 'tools/list']) {
      const answer = await rpc(...modern(method, {}, session))
      t.equal(answer.status, 400)
      t.match(answer.message, { id: 1, error: { code: -32022, data: { supported: legacyRevisions, requested: MODERN } } })
    }
  }
})

t.test('A-9, A-11: what the transport refuses has no code of its own between -32019 and -32000', async t => {
  const { rpc } = await startApp(t)
  for (const [body, headers] of [[call('ping'), {}], [call('ping'), { 'mcp-session-id': 'unknown' }], [call('ping'), { accept: 'text/html' }], [[], {}]] as const) {
    t.equal((await rpc(body, headers)).message.error?.code, -32600)
  }
})
