import t from 'tap'
import { MetaKey } from '@mcp/protocol'
import {
  answering, BOTH, call, initializeRequest, LEGACY, modern, rawConnection, rawRequest, readEvents, startApp, type Fields, type TestApp
} from './helper.ts'
import { answer, get, listen, progress, puppet, Queue, resume, until } from './session-client.ts'

const initialized = { jsonrpc: '2.0', method: 'notifications/initialized' }

t.test('users row 8: a GET that fails or is closed harms no POST, and what closes in order says when to come back', async t => {
  const { application, requests } = puppet()
  const node = await startApp(t, { application, retryMs: 50 })
  const session = await node.initialize()
  const reply = node.open(call('work'), session)
  const exchange = await requests.next()
  await progress(exchange, 1)
  for (const headers of [{ accept: 'text/html' }, { 'last-event-id': 'gone_1' }, { 'mcp-protocol-version': '1999-01-01' }] as Fields[]) {
    t.ok((await get(node, session, headers)).status >= 400)
  }
  const reader = await listen(node, session)
  await reader.next()
  exchange.session?.detachStandalone()
  t.strictSame(await reader.rest(), [])
  t.strictSame(reader.retries, [50, 50])
  await answer(exchange, { done: true })
  t.strictSame((await readEvents(await reply).rest()).at(-1)?.message.result, { done: true })
})

t.test('users row 10: both eras on one route, request by request; errors echo the id', async t => {
  const { rpc, initialize } = await startApp(t, { application: answering({ 'tools/list': () => ({ tools: [] }) }) })
  const session = await initialize()
  const [message, fields] = modern('tools/list', {}, {}, 'm')
  const [legacyReply, modernReply] = await Promise.all([rpc(call('tools/list', {}, 'l'), session), rpc(message, fields)])
  t.strictSame(legacyReply.message, { jsonrpc: '2.0', id: 'l', result: { tools: [] } })
  t.match(modernReply.message, { id: 'm', result: { resultType: 'complete' } })
  t.equal((await rpc(call('nope', {}, 'l2'), session)).message.id, 'l2')
  const unknown = await rpc(...modern('nope', {}, {}, 'm2'))
  t.equal(unknown.status, 404)
  t.match(unknown.message, { id: 'm2', error: { code: -32601 } })
  const unsupported = await rpc(...modern('tools/list', { _meta: { [MetaKey.ProtocolVersion]: '2099-01-01' } }, { 'mcp-protocol-version': '2099-01-01' }, 'm3'))
  t.match(unsupported.message, { id: 'm3', error: { code: -32022, data: { supported: ['2026-07-28'], requested: '2099-01-01' } } })
})

t.test('users row 16: Mcp-Name is decoded, a mismatch is 400/-32020, and legacy requests are never measured by it', async t => {
  const { rpc, initialize } = await startApp(t, { application: answering({ 'prompts/get': ({ message }) => ({ name: message.params?.name, messages: [] }) }) })
  const [message, fields] = modern('prompts/get', { name: 'größe' })
  t.match(fields['mcp-name'], /^=\?base64\?/)
  t.equal((await rpc(message, fields)).message.result?.name, 'größe')
  const wrong = await rpc(message, { ...fields, 'mcp-name': 'other' })
  t.equal(wrong.status, 400)
  t.equal(wrong.message.error?.code, -32020)
  const legacy = await rpc(call('prompts/get', { name: 'a' }), { ...await initialize(), 'mcp-name': 'b', 'mcp-method': 'tools/list', 'mcp-param-x': 'y' })
  t.equal(legacy.message.result?.name, 'a')
})

t.test('users row 17, client quirks Gemini CLI and claude.ai: no Accept, */* and one type alone are served', async t => {
  const node = await startApp(t)
  const body = JSON.stringify(initializeRequest())
  const bare = await rawConnection(t, node.port, rawRequest('POST', ['Content-Type: application/json'], body))
  t.match(await bare.closed(), /^HTTP\/1\.1 200 [^]*application\/json[^]*"protocolVersion"/)
  for (const [accept, type] of [['*/*', 'application/json'], ['application/json', 'application/json'], ['text/event-stream', 'text/event-stream']] as const) {
    const { status, headers, message } = await node.rpc(initializeRequest(), { accept })
    t.equal(status, 200)
    t.match(headers.get('content-type'), type)
    t.equal(message.result?.protocolVersion, LEGACY)
  }
})

t.test('users row 18, client quirk Codex: notifications get 202 with nothing at all', async t => {
  const node = await startApp(t)
  const session = await node.initialize()
  const raw = await rawConnection(t, node.port,
    rawRequest('POST', ['Content-Type: application/json', ...Object.entries(session).map(header => header.join(': '))], JSON.stringify(initialized)))
  const [head = '', body] = (await raw.closed()).split('\r\n\r\n')
  t.match(head, /^HTTP\/1\.1 202 /)
  t.notMatch(head, /content-type|transfer-encoding/i)
  t.match(head, /content-length: 0/i)
  t.equal(body, '')
})

t.test('users row 26: origins by list, by scheme and by predicate; loopback alone where nothing was said', async t => {
  const status = async (node: TestApp, origin: string): Promise<number> => (await node.rpc(initializeRequest(), { origin })).status
  const usual = await startApp(t)
  for (const origin of ['http://localhost:5173', 'http://127.0.0.1', 'https://[::1]:8443']) t.equal(await status(usual, origin), 200, origin)
  for (const origin of ['https://evil.example', 'http://localhost.evil.example', 'null', 'http://127.0.0.1.evil.example']) t.equal(await status(usual, origin), 403, origin)
  const listed = await startApp(t, { allowedOrigins: ['https://app.example.com', 'vscode-webview://*'] })
  for (const origin of ['https://app.example.com', 'vscode-webview://1a2b3c']) t.equal(await status(listed, origin), 200, origin)
  for (const origin of ['https://app.example.com.evil', 'http://app.example.com', 'http://localhost']) t.equal(await status(listed, origin), 403, origin)
  const judged = await startApp(t, { allowedOrigins: origin => origin.endsWith('.example.com') })
  t.equal(await status(judged, 'https://tenant-7.example.com'), 200)
  t.equal(await status(judged, 'http://localhost'), 403)
})

t.test('users row 27: with and without slash, under a prefix, without redirect', async t => {
  const node = await startApp(t, { prefix: '/api/v1' })
  for (const url of [node.url, node.url + '/']) {
    const headers = { 'content-type': 'application/json', accept: BOTH }
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(initializeRequest()), redirect: 'error' })
    t.equal(response.status, 200)
    await response.text()
  }
  t.match(node.url, '/api/v1/mcp')
})

t.test('users row 27: the body is parsed once and there for hooks, whatever the application parses elsewhere', async t => {
  const seen = new Queue<unknown>()
  const node = await startApp(t, {}, {}, async app => {
    app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, _body, done) => done(new Error('not for the endpoint')))
    app.addHook('preHandler', async request => seen.push(request.body))
  })
  t.equal((await node.rpc(initializeRequest())).status, 200)
  t.match(await seen.next(), { method: 'initialize' })
})

t.test('users row 24: a body of one-byte chunks, cut through characters, is one message', async t => {
  const { application, requests } = puppet()
  const node = await startApp(t, { application })
  const session = await node.initialize()
  const body = Buffer.from(JSON.stringify(call('work', { text: 'ü€😀' })))
  const raw = await rawConnection(t, node.port, rawRequest('POST', [
    'Content-Type: application/json', 'Accept: application/json', 'Transfer-Encoding: chunked', ...Object.entries(session).map(header => header.join(': '))
  ]))
  raw.socket.setNoDelay(true)
  for (const byte of body) {
    raw.socket.write(Buffer.concat([Buffer.from('1\r\n'), Buffer.of(byte), Buffer.from('\r\n')]))
    await new Promise(resolve => setImmediate(resolve))
  }
  raw.socket.write('0\r\n\r\n')
  const exchange = await requests.next()
  t.equal(exchange.message.params?.text, 'ü€😀')
  await answer(exchange, { ok: true })
  t.match(await raw.closed(), '"ok":true')
})

t.test('users row 5: a GET whose client shut its end down holds no session', async t => {
  const node = await startApp(t, { limits: { sessionIdleMs: 150 } })
  const session = await node.initialize()
  const raw = await rawConnection(t, node.port, rawRequest('GET', ['Accept: text/event-stream', ...Object.entries(session).map(header => header.join(': '))]))
  await raw.until(text => text.includes('data:'))
  raw.socket.end()
  await until(async () => await node.app.mcpStorage.sessions.count() === 0)
  t.equal((await node.rpc(call('ping'), session)).status, 404)
})

t.test('client quirk claude.ai: every chat asks id 1 on one pooled session and gets its own answer', async t => {
  const { application, requests } = puppet()
  const { rpc, initialize } = await startApp(t, { application })
  const session = await initialize()
  const replies = [1, 2, 3].map(chat => rpc(call('tools/call', { name: 'x', arguments: { chat } }, 1), session))
  const asked = [await requests.next(), await requests.next(), await requests.next()]
  for (const exchange of asked.toReversed()) await answer(exchange, { arguments: exchange.message.params?.arguments })
  t.strictSame((await Promise.all(replies)).map(({ message }) => message.result), [1, 2, 3].map(chat => ({ arguments: { chat } })))
})

t.test('client quirk Claude Code: 404 bodies are JSON, also where it looks for OAuth; it may listen right after initialize', async t => {
  const node = await startApp(t)
  const session = await node.initialize()
  const base = new URL(node.url).origin
  for (const path of ['/.well-known/oauth-protected-resource/mcp', '/.well-known/oauth-authorization-server', '/register']) {
    const response = await fetch(base + path)
    t.equal(response.status, 404)
    t.type((await response.json() as { error: unknown }).error, 'string')
  }
  const gone = await node.rpc(call('ping'), { 'mcp-session-id': 'gone' })
  t.match(gone.message, { error: { code: -32600 } })
  const [message, fields] = modern('subscriptions/listen', { notifications: { toolsListChanged: true } })
  const listening = readEvents(await node.open(message, { ...session, ...fields }))
  t.equal((await listening.next())?.message.method, 'notifications/subscriptions/acknowledged')
  await listening.cancel()
})

t.test('client quirk Claude Desktop: a GET yields a byte at once', async t => {
  const node = await startApp(t)
  for (const version of ['2025-03-26', LEGACY]) {
    const response = await get(node, await node.initialize(version))
    const first = await response.body?.getReader().read()
    t.ok((first?.value?.length ?? 0) > 0)
  }
})

t.test('client quirk Cursor: GET right after initialize; an idle stream it aborts is resumed twice with one id', async t => {
  const { application, requests } = puppet()
  const node = await startApp(t, { application })
  const opened = await node.rpc(initializeRequest())
  const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' }
  const reader = await listen(node, session)
  t.equal((await node.rpc(initialized, session)).status, 202)
  const priming = await reader.next()
  await reader.cancel()
  const [first, second] = await Promise.all([resume(node, session, priming?.id), resume(node, session, priming?.id)])
  const reply = node.rpc(call('work'), session)
  const exchange = await requests.next()
  await exchange.session?.send({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' })
  await exchange.session?.terminate('end of test')
  await reply
  const events = [...await first.rest(), ...await second.rest()]
  const methods = events.map(({ message }) => message.method).filter(method => method !== undefined)
  t.strictSame(methods, ['notifications/tools/list_changed'], 'one of them has it, once')
})

t.test('client quirk VS Code: ids of yesterday are 404 everywhere and initialize with one works', async t => {
  const node = await startApp(t)
  const stale = { 'mcp-session-id': 'c2Vzc2lvbi1vZi15ZXN0ZXJkYXk' }
  t.equal((await node.rpc(call('tools/list'), stale)).status, 404)
  t.equal((await get(node, stale, { 'last-event-id': 'abc_7' })).status, 404)
  t.equal((await node.rpc(initializeRequest(), stale)).status, 200)
})

t.test('client quirk ChatGPT: who drops the session id gets a readable 400 and may start over', async t => {
  const node = await startApp(t)
  await node.initialize()
  const { status, message } = await node.rpc(call('tools/list', {}, 3))
  t.equal(status, 400)
  t.match(message, { id: 3, error: { message: /Mcp-Session-Id/ } })
  t.ok(await node.initialize())
})

t.test('client quirk mcp-remote: an SSE fallback on the endpoint gets a quick JSON answer, another path 404', async t => {
  const node = await startApp(t)
  const fallback = await fetch(node.url, { headers: { accept: 'text/event-stream' } })
  t.equal(fallback.status, 400)
  t.match(await fallback.json(), { jsonrpc: '2.0', error: { code: -32600 } })
  const elsewhere = await fetch(new URL('/sse', node.url), { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })
  t.equal(elsewhere.status, 404)
})

t.test('client quirk browsers: a session works though notifications/initialized never came', async t => {
  const node = await startApp(t, { application: answering({ 'tools/list': () => ({ tools: [] }) }) })
  const opened = await node.rpc(initializeRequest(), { origin: 'http://localhost:3000' })
  const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '', origin: 'http://localhost:3000' }
  t.strictSame((await node.rpc(call('tools/list'), session)).message.result, { tools: [] })
  t.equal((await get(node, session)).status, 200)
})
