import { encodeFieldValue, MetaKey, type JsonObject } from '@mcp/protocol'
import t, { type Test } from 'tap'
import { answering, modern, rawConnection, rawRequest, startApp, type WireMessage } from './helper.ts'

const application = answering({
  'tools/call': ({ message }) => ({ called: message.params?.name }),
  'prompts/get': ({ message }) => ({ got: message.params?.name }),
  'resources/read': ({ message }) => ({ read: message.params?.uri })
})

/** A modern request whose header lines are exactly these; fetch would tidy them up. */
async function sendLines (
  t: Test, port: number, body: unknown, lines: readonly string[]
): Promise<{ status: number, message: WireMessage }> {
  const connection = await rawConnection(t, port, rawRequest('POST', ['Content-Type: application/json', ...lines], JSON.stringify(body)))
  const text = await connection.closed()
  return { status: Number(text.slice(9, 12)), message: JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4)) as WireMessage }
}

t.test('E-13, B-17: the name of tool, prompt and resource is mirrored, of nothing else', async t => {
  const { rpc } = await startApp(t, { application })
  t.equal((await rpc(...modern('tools/call', { name: 'a' }))).message.result?.called, 'a')
  t.equal((await rpc(...modern('prompts/get', { name: 'b' }))).message.result?.got, 'b')
  t.equal((await rpc(...modern('resources/read', { uri: 'file:///c' }))).message.result?.read, 'file:///c')
  t.equal((await rpc(...modern('server/discover', { name: 'd' }))).status, 200, 'no Mcp-Name is wanted here')
  for (const [method, params] of [['tools/call', { name: 'a' }], ['prompts/get', { name: 'a' }], ['resources/read', { uri: 'a:a', name: 'b' }]] as const) {
    const wrong = await rpc(...modern(method, params, { 'mcp-name': 'b' }))
    t.equal(wrong.status, 400, method)
    t.match(wrong.message, { id: 1, error: { code: -32020 } })
  }
})

t.test('K-72, K-73: the task is mirrored by tasks/get, tasks/update and tasks/cancel, and by no other method', async t => {
  const ran: unknown[] = []
  const tasks = ['tasks/get', 'tasks/update', 'tasks/cancel', 'tasks/list', 'tasks/result']
  const { rpc } = await startApp(t, {
    application: answering(Object.fromEntries(tasks.map(method => [method, ({ message }) => {
      ran.push(message.params?.taskId)
      return {}
    }])))
  })
  for (const method of tasks.slice(0, 3)) {
    t.equal((await rpc(...modern(method, { taskId: 'one' }))).status, 200, method)
    t.equal((await rpc(...modern(method, { taskId: 'Ä' }))).status, 200, 'encoded')
    const [body, headers] = modern(method, { taskId: 'one' })
    const { 'mcp-name': _name, ...nameless } = headers
    const missing = await rpc(body, nameless)
    for (const sent of ['two', 'ONE', '', 'one,one', '=?base64?!?=']) {
      t.match(await rpc(body, { ...headers, 'mcp-name': sent }), { status: 400, message: { id: 1, error: { code: -32020 } } }, `${method} ${sent}`)
    }
    t.match(missing, { status: 400, message: { id: 1, error: { code: -32020, message: /Mcp-Name is missing; expected "one"/ } } }, method)
  }
  t.strictSame(ran, ['one', 'Ä', 'one', 'Ä', 'one', 'Ä'], 'what disagrees does not run')
  for (const method of tasks.slice(3)) t.equal((await rpc(...modern(method, { taskId: 'one' }))).status, 200, method)
})

t.test('K-9, K-76: a listen that names tasks needs the extension', async t => {
  const { rpc, open } = await startApp(t)
  const listen = (taskIds: unknown, capabilities: JsonObject) => modern('subscriptions/listen', {
    notifications: { toolsListChanged: true, taskIds }, _meta: { [MetaKey.ClientCapabilities]: capabilities }
  })
  const declared = { extensions: { 'io.modelcontextprotocol/tasks': {} } }
  const others = [{}, { tasks: {} }, { extensions: {} }, { extensions: { 'io.modelcontextprotocol/tasks': true } }, { extensions: [] }]
  for (const capabilities of others) {
    for (const taskIds of [['one'], [], 7]) {
      const { status, headers, message } = await rpc(...listen(taskIds, capabilities))
      t.equal(status, 400, JSON.stringify(capabilities))
      t.match(headers.get('content-type'), 'application/json')
      t.match(message, { id: 1, error: { code: -32021, data: { requiredCapabilities: declared } } })
    }
  }
  for (const taskIds of [7, 'one', [7], null]) t.match(await rpc(...listen(taskIds, declared)), { status: 400, message: { error: { code: -32602 } } })
  const response = await open(...listen(['one'], declared))
  t.equal(response.status, 200)
  await response.body?.cancel()
})

t.test('E-14: header names ignore case, values lose outer blanks', async t => {
  const { port } = await startApp(t, { application })
  const [body] = modern('tools/call', { name: 'spaced out' })
  const answer = await sendLines(t, port, body, [
    'mCp-PrOtOcOl-VeRsIoN:   2026-07-28 \t', 'MCP-METHOD:\ttools/call  ', 'mcp-NAME: \t spaced out \t '
  ])
  t.equal(answer.status, 200, JSON.stringify(answer.message))
})

t.test('E-14: values keep their case', async t => {
  const { rpc } = await startApp(t, { application })
  const answer = await rpc(...modern('tools/call', { name: 'Echo' }, { 'mcp-name': 'echo' }))
  t.equal(answer.status, 400)
  t.equal(answer.message.error?.code, -32020)
})

const vectors: ReadonlyArray<readonly [string, string]> = [
  ['Hello, 世界', '=?base64?SGVsbG8sIOS4lueVjA==?='],
  [' padded ', '=?base64?IHBhZGRlZCA=?='],
  ['line1\nline2', '=?base64?bGluZTEKbGluZTI=?='],
  ['=?base64?literal?=', '=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?=']
]
t.test('E-17, E-16: the examples of the specification, decoded before they are compared', async t => {
  const { rpc } = await startApp(t, { application })
  for (const [name, encoded] of vectors) {
    t.equal(encodeFieldValue(name), encoded)
    t.equal((await rpc(...modern('tools/call', { name }, { 'mcp-name': encoded }))).message.result?.called, name)
  }
  t.equal((await rpc(...modern('tools/call', { name: 'plain' }, { 'mcp-name': '=?base64?cGxhaW4=?=' }))).status, 200, 'needless, and fine')
})

t.test('E-16: what only looks like a sentinel is literal text', async t => {
  const { rpc } = await startApp(t, { application })
  for (const name of ['=?BASE64?cGxhaW4=?=', '=?base64?cGxhaW4=', 'base64?cGxhaW4=?=', '=?base64?']) {
    t.equal((await rpc(...modern('tools/call', { name }, { 'mcp-name': name }))).status, 200, name)
    t.equal((await rpc(...modern('tools/call', { name: 'plain' }, { 'mcp-name': name }))).status, 400, `${name} is not decoded`)
  }
})

t.test('E-16: a sentinel with bad alphabet, padding, UTF-8 or trailing bits is 400 with -32020', async t => {
  const { rpc } = await startApp(t, { application })
  for (const broken of ['=?base64?cGxhaW4?=', '=?base64?cGxh aW4=?=', '=?base64?cGxhaW4_?=', '=?base64?/w==?=', '=?base64?cGxhaW5=?=', '=?base64?=?=']) {
    const answer = await rpc(...modern('tools/call', { name: 'plain' }, { 'mcp-name': broken }))
    t.equal(answer.status, 400, broken)
    t.match(answer.message, { id: 1, error: { code: -32020 } })
  }
})

t.test('E-18: an empty name is accepted bare and wrapped', async t => {
  const { port } = await startApp(t, { application })
  const [body] = modern('tools/call', { name: '' })
  const rest = ['MCP-Protocol-Version: 2026-07-28', 'Mcp-Method: tools/call']
  for (const line of ['Mcp-Name:', 'Mcp-Name:   ', 'Mcp-Name: =?base64??=']) {
    t.equal((await sendLines(t, port, body, [...rest, line])).status, 200, line)
  }
  const missing = await sendLines(t, port, body, rest)
  t.equal(missing.status, 400)
  t.equal(missing.message.error?.code, -32020)
})

t.test('E-12, E-3: unknown keys of the envelope are ignored and nothing is remembered from one request to the next', async t => {
  const metas: unknown[] = []
  const { rpc } = await startApp(t, { application: answering({ 'test/meta': ({ message }) => { metas.push(message.params?._meta); return {} } }) })
  const _meta = { 'com.example/x': 1, 'io.modelcontextprotocol/unheard': {}, 'io.modelcontextprotocol/clientCapabilities': { sampling: {} } }
  t.equal((await rpc(...modern('test/meta', { _meta }))).status, 200)
  t.equal((await rpc(...modern('test/meta'))).status, 200)
  t.match(metas, [{ 'com.example/x': 1, 'io.modelcontextprotocol/clientCapabilities': { sampling: {} } }, { 'io.modelcontextprotocol/clientCapabilities': {} }])
  t.strictSame(Object.keys(Object(metas[1])['io.modelcontextprotocol/clientCapabilities']), [])
})

t.test('H-24: header values in messages are cut and cleaned', async t => {
  const { port } = await startApp(t, { application })
  const [body] = modern('tools/call', { name: 'x' })
  const answer = await sendLines(t, port, body, ['MCP-Protocol-Version: 2026-07-28', `Mcp-Method: ü\u001b[31m${'z'.repeat(5_000)}`.replace('\u001b', '')])
  t.equal(answer.status, 400)
  t.ok((answer.message.error?.message.length ?? 0) < 300)
  t.match(answer.message.error?.message, /^[\x20-\x7e…]*$/)
})
