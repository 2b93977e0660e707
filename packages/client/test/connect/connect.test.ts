import t from 'tap'
import * as browser from '../../src/browser.ts'
import { AutoHttpClient, McpClientError, connectHttp, undiciHttp, verdicts, type Http, type Verdict } from '../../src/index.ts'
import { INITIALIZE, INITIALIZED, INITIALIZE_RESULT, RECONNECT, listen, request } from '../lib/client.ts'
import { event, serve, type Script, type Seen } from '../lib/server.ts'
import type { Test } from 'tap'

const DISCOVERED = { supportedVersions: ['2026-07-28'], capabilities: {}, resultType: 'complete' }
const OPTIONS = { reconnect: RECONNECT, verdicts: null, clientInfo: { name: 'test', version: '1' } }

function modern (seen: Seen): void {
  if (seen.what === 'server/discover') seen.result(DISCOVERED)
  else seen.result({ resultType: 'complete', echo: seen.body.params })
}

function streamable (seen: Seen): void {
  if (seen.what === 'initialize') seen.result(INITIALIZE_RESULT, { 'mcp-session-id': 's' })
  else if (seen.method === 'POST' && seen.headers['mcp-session-id'] !== 's') seen.json({ jsonrpc: '2.0', id: null, error: { code: -32000, message: 'no session' } }, 400)
  else if (seen.what === 'GET') seen.status(405)
  else if (seen.body.id === undefined) seen.status(202)
  else seen.result()
}

/** Knows only 2024-11-05. */
function old (status: number): (seen: Seen) => void {
  let stream: ReturnType<Seen['stream']> | undefined
  return seen => {
    if (seen.method === 'GET') stream = seen.stream('event: endpoint\ndata: /messages\n\n')
    else if (seen.path !== '/messages') seen.status(status, {}, 'Cannot POST')
    else {
      seen.status(202)
      if (seen.what === 'initialize') stream?.write(seen.event({ ...INITIALIZE_RESULT, protocolVersion: '2024-11-05' }))
      else if (seen.body.id !== undefined) stream?.write(seen.event())
    }
  }
}

async function connected (t: Test, server: Script, options: object = {}): ReturnType<typeof connectHttp> {
  const connection = await connectHttp(server.url, { ...OPTIONS, ...options })
  t.teardown(() => connection.close())
  return connection
}

t.test('I-1, E-1: a modern server is found by its answer to server/discover; requests get the envelope', async t => {
  const server = await serve(t, modern)
  const connection = await connected(t, server, { capabilities: { sampling: {} } })
  t.match(connection, { kind: 'modern', revision: '2026-07-28', server: DISCOVERED })
  const { echo } = await connection.request('tools/call', { name: 'x', _meta: { progressToken: 1 } })
  t.match(echo, { name: 'x', _meta: { progressToken: 1, 'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientCapabilities': { sampling: {} } } })
  await connection.close()
  t.strictSame(server.whats(), ['server/discover', 'tools/call'])
})

t.test('E-6: a result without a type is complete; one of a type that nobody declared is no answer', async t => {
  const server = await serve(t, seen => {
    if (seen.what === 'server/discover') modern(seen)
    else seen.result(seen.what === 'plain' ? {} : { resultType: seen.what })
  })
  const connection = await connected(t, server)
  t.strictSame(await connection.request('plain'), { resultType: 'complete' })
  t.match(await connection.request('input_required'), { resultType: 'input_required' })
  await t.rejects(connection.request('task'), { code: 'MCP_CLIENT_BAD_MESSAGE', message: /task/ })
  const declaring = await connected(t, server, { capabilities: { extensions: { 'io.modelcontextprotocol/tasks': {} } } })
  t.match(await declaring.request('task'), { resultType: 'task' })
})

t.test('E-25: headers that do not fit make the client list the tools and call once more', async t => {
  const tool = { name: 'x', inputSchema: { type: 'object', properties: { region: { type: 'string', 'x-mcp-header': 'Region' } } } }
  const server = await serve(t, seen => {
    if (seen.what === 'tools/list') seen.result({ tools: seen.body.params === undefined ? [] : [tool] })
    else if (seen.what !== 'tools/call' || seen.headers['mcp-param-region'] === 'eu') modern(seen)
    else seen.json({ jsonrpc: '2.0', id: seen.body.id, error: { code: -32020, message: 'Mcp-Param-Region is missing' } }, 400)
  })
  const connection = await connected(t, server)
  t.match(await connection.request('tools/call', { name: 'x', arguments: { region: 'eu' } }), { echo: { name: 'x' } })
  t.strictSame(server.whats(), ['server/discover', 'tools/call', 'tools/list', 'tools/call'])
  await t.rejects(connection.request('tools/call', { name: 'x', arguments: { region: 'us' } }), { code: 'MCP_CLIENT_RPC_ERROR' })
  t.equal(server.whats().filter(what => what === 'tools/call').length, 4, 'once')
})

t.test('the entry for browsers does the same over fetch', async t => {
  for (const [answer, kind] of [[modern, 'modern'], [streamable, 'streamable'], [old(404), 'http+sse']] as const) {
    const server = await serve(t, answer)
    const connection = await browser.connectHttp(server.url, OPTIONS)
    t.equal(connection.kind, kind)
    t.match(await connection.request('tools/list'), {})
    await connection.close()
  }
  const { url } = await serve(t, modern)
  for (const Client of [browser.StreamableHttpClient, browser.AutoHttpClient]) await listen(t, new Client(url))
})

t.test('I-2, I-4: a server that names another modern revision is asked again with it, once', async t => {
  const error = { code: -32022, message: 'unsupported', data: { supported: ['2026-07-28'], requested: 'x' } }
  const server = await serve(t, seen => server.seen.length === 1 ? seen.json({ jsonrpc: '2.0', id: seen.body.id, error }, 400) : modern(seen))
  t.equal((await connected(t, server)).kind, 'modern')
  const stubborn = await serve(t, seen => seen.json({ jsonrpc: '2.0', id: seen.body.id, error }, 400))
  await t.rejects(connectHttp(stubborn.url, OPTIONS), { code: 'MCP_CLIENT_NO_TRANSPORT' })
  t.equal(stubborn.seen.length, 2)
})

t.test('I-2: whatever is no modern answer leads to initialize', async t => {
  const answers: Array<(seen: Seen) => void> = [
    streamable,
    ...[400, 404, 405, 406, 415, 422, 501].map(status => (seen: Seen) => seen.status(status, { 'content-type': 'text/html' }, '<p>')),
    seen => seen.json({ jsonrpc: '2.0', id: seen.body.id, error: { code: -32601, message: 'no' } }),
    seen => seen.json({ jsonrpc: '2.0', id: seen.body.id, error: { code: -32022, message: 'no', data: { supported: ['2025-11-25'], requested: '2026-07-28' } } }, 400),
    seen => seen.json({ jsonrpc: '2.0', id: seen.body.id, error: { code: -32001, message: 'draft' } }, 400),
    seen => seen.result({ ...DISCOVERED, supportedVersions: ['2025-11-25'] }),
    seen => seen.result({}),
    seen => seen.status(200, { 'content-type': 'text/html' }, '<p>')
  ]
  for (const answer of answers) {
    const server = await serve(t, seen => seen.what === 'server/discover' ? answer(seen) : streamable(seen))
    const connection = await connected(t, server)
    t.match(connection, { kind: 'streamable', revision: '2025-11-25', server: INITIALIZE_RESULT })
    const names = server.seen.filter(({ what }) => what !== 'server/discover').flatMap(({ headers }) => Object.keys(headers))
    t.notOk(names.includes('mcp-method'), 'I-9')
    t.match(await connection.request('tools/list'), {})
    await connection.close()
  }
})

t.test('I-3: what says nothing of the server leads to no verdict', async t => {
  for (const status of [401, 403, 500, 502, 503]) {
    const server = await serve(t, seen => seen.status(status))
    await t.rejects(connectHttp(server.url, OPTIONS), { code: status === 401 ? 'MCP_CLIENT_UNAUTHORIZED' : 'MCP_CLIENT_NO_TRANSPORT' }, String(status))
    t.strictSame(server.whats(), ['server/discover'])
  }
  const gone = await serve(t, modern)
  await gone.stop()
  t.match(await connectHttp(gone.url, OPTIONS).catch((error: unknown) => error), { attempts: [{ what: 'server/discover (2026-07-28)', error: { code: 'MCP_CLIENT_UNREACHABLE' } }] })
  const silent = await serve(t, () => {})
  t.match(await connectHttp(silent.url, { ...OPTIONS, timeoutMs: 100 }).catch((error: unknown) => error), { attempts: [{ error: { code: 'MCP_CLIENT_TIMEOUT' } }] })
  const disjoint = await serve(t, seen => seen.result({ ...DISCOVERED, supportedVersions: ['2099-01-01'] }))
  await t.rejects(connectHttp(disjoint.url, OPTIONS), /2099-01-01/)
})

t.test('I-3: 401 at the probe runs the flow, and the probe is repeated', async t => {
  const server = await serve(t, seen => seen.headers.authorization === 'Bearer b' ? modern(seen) : seen.status(401))
  let token = 'a'
  const connection = await connected(t, server, { auth: { token: () => token, onUnauthorized: () => { token = 'b' } } })
  t.equal(connection.kind, 'modern')
  t.strictSame(server.whats(), ['server/discover', 'server/discover'])
})

t.test('I-6: an initialize refused with 4xx leads to HTTP+SSE, and everything goes there', async t => {
  for (const status of [400, 404, 405, 422]) {
    const server = await serve(t, old(status))
    const connection = await connected(t, server)
    t.match(connection, { kind: 'http+sse', revision: '2024-11-05' })
    t.match(await connection.request('tools/list'), {})
    t.strictSame(server.seen.slice(2).map(({ path }) => path), ['/mcp', '/messages', '/messages', '/messages'])
    await connection.close()
  }
})

t.test('I-7: when nothing works, every attempt is told, the first reason first', async t => {
  const server = await serve(t, seen => seen.status(404, {}, `no ${seen.what}`))
  const error = await connectHttp(server.url, OPTIONS).catch((error: unknown) => error)
  if (!(error instanceof McpClientError)) throw error
  t.strictSame(error.attempts.map(({ what }) => what), ['server/discover (2026-07-28)', 'Streamable HTTP', 'HTTP+SSE'])
  t.match(error.message, /server\/discover.*404.*Streamable HTTP.*no initialize.*HTTP\+SSE.*no GET/)
  t.strictSame(server.whats(), ['server/discover', 'initialize', 'GET'])
})

t.test('I-8: a pin is all that is tried', async t => {
  const server = await serve(t, seen => seen.status(404))
  for (const [pin, whats] of [['modern', ['server/discover']], ['streamable', ['initialize']], ['http+sse', ['GET']]] as const) {
    const before = server.seen.length
    await t.rejects(connectHttp(server.url, { ...OPTIONS, pin }))
    t.strictSame(server.whats().slice(before), whats, pin)
  }
  const legacy = await serve(t, streamable)
  await connected(t, legacy, { pin: 'streamable' })
  t.notOk(legacy.whats().includes('server/discover'))
})

t.test('I-1: a wrong credential of one caller does not take what is remembered from the others', async t => {
  const own = new Map<string, Verdict>()
  const server = await serve(t, seen => seen.headers.authorization === 'Bearer right' ? streamable(seen) : seen.status(401))
  const right = { verdicts: own, headers: { authorization: 'Bearer right' } }
  await (await connected(t, server, right)).close()
  await t.rejects(connectHttp(server.url, { ...OPTIONS, verdicts: own, headers: { authorization: 'Bearer wrong' } }), { code: 'MCP_CLIENT_UNAUTHORIZED' })
  t.match([...own], [[server.url, { kind: 'streamable' }]])
})

t.test('I-1: what is remembered over one http does not count over another', async t => {
  const [one, other] = [await serve(t, streamable), await serve(t, modern)]
  // Both lead to another server than the URL names, as injectHttp() and proxies do.
  const through = (server: Script): Http => {
    const http = undiciHttp()
    return { request: request => http.request({ ...request, url: new URL(server.url) }), close: () => http.close() }
  }
  const [first, second] = [through(one), through(other)]
  t.teardown(() => Promise.all([first.close(), second.close()]))
  const { verdicts: _none, ...options } = OPTIONS
  for (const [http, kind] of [[first, 'streamable'], [second, 'modern'], [first, 'streamable']] as const) {
    const connection = await connectHttp('http://127.0.0.1:9/mcp', { ...options, http })
    t.equal(connection.kind, kind)
    await connection.close()
  }
  t.equal(verdicts.get('http://127.0.0.1:9/mcp'), undefined)
})

t.test('I-1: verdicts are remembered, expire when legacy, and are found anew when they fail', async t => {
  let answer = streamable
  const server = await serve(t, seen => answer(seen))
  const own = new Map<string, Verdict>()
  await (await connected(t, server, { verdicts: own })).close()
  t.match([...own], [[server.url, { kind: 'streamable' }]])
  let before = server.seen.length
  await (await connected(t, server, { verdicts: own })).close()
  t.notOk(server.whats().slice(before).includes('server/discover'), 'not asked again')
  own.set(server.url, { kind: 'streamable', at: Date.now() - 2 * 60 * 60_000 })
  answer = modern
  t.equal((await connected(t, server, { verdicts: own })).kind, 'modern', 'asked again after an hour')
  answer = old(404)
  own.set(server.url, { kind: 'streamable', at: Date.now() })
  t.equal((await connected(t, server, { verdicts: own })).kind, 'http+sse')
  own.set(server.url, { kind: 'http+sse', at: Date.now() })
  answer = modern
  before = server.seen.length
  t.equal((await connected(t, server, { verdicts: own })).kind, 'modern', 'a verdict that does not hold is forgotten')
  t.equal(verdicts.get(server.url), undefined)
})

t.test('A-49: a revision nobody knows ends it', async t => {
  const server = await serve(t, seen => seen.what === 'initialize' ? seen.result({ ...INITIALIZE_RESULT, protocolVersion: '1999-01-01' }) : seen.status(400))
  await t.rejects(connectHttp(server.url, { ...OPTIONS, pin: 'streamable' }), /1999-01-01/)
})

t.test('I-6, I-7: the same for an official client, which sends initialize itself', async t => {
  const server = await serve(t, old(404))
  const heard = await listen(t, new AutoHttpClient(server.url, { reconnect: RECONNECT }))
  await heard.client.send(INITIALIZE)
  await heard.answer('init')
  await heard.client.send(INITIALIZED)
  await heard.client.send(request(1, 'x'))
  t.match(await heard.answer(1), { result: {} })
  t.equal(heard.client.kind, 'http+sse')
  const nothing = await serve(t, seen => seen.status(404))
  const second = await listen(t, new AutoHttpClient(nothing.url))
  await t.rejects(second.client.send(INITIALIZE), { code: 'MCP_CLIENT_NO_TRANSPORT', status: 404, attempts: [{ what: 'Streamable HTTP' }, { what: 'HTTP+SSE' }] })
  for (const status of [401, 403, 429, 500]) {
    const server = await serve(t, seen => seen.status(status))
    const third = await listen(t, new AutoHttpClient(server.url, { reconnect: { ...RECONNECT, attempts: 0 } }))
    await t.rejects(third.client.send(INITIALIZE))
    t.strictSame(server.whats(), ['initialize'], `${status} is no reason`)
  }
})

t.test('I-17, I-18, A-57: requests of the server are answered; timeouts and aborts cancel', async t => {
  const hanging: Seen[] = []
  const server = await serve(t, seen => {
    if (seen.what === 'ask') seen.stream(...['ping', 'roots/list', 'boom'].map((method, id) => event({ jsonrpc: '2.0', id, method })), seen.event()).end()
    else if (seen.what === 'hang') hanging.push(seen)
    else if (seen.what === 'error') seen.json({ jsonrpc: '2.0', id: seen.body.id, error: { code: -32602, message: 'bad', data: 1 } })
    else streamable(seen)
  })
  const notified: string[] = []
  const connection = await connected(t, server, {
    onNotification: ({ method }: { method: string }) => notified.push(method),
    onRequest: ({ method }: { method: string }) => {
      if (method === 'boom') throw new Error('secret')
      return { roots: [] }
    }
  })
  await connection.request('ask')
  await server.until('response', 3)
  const responses = server.seen.filter(({ what }) => what === 'response').map(({ body }) => body).toSorted((a, b) => Number(a.id) - Number(b.id))
  t.match(responses, [{ id: 0, result: {} }, { id: 1, result: { roots: [] } }, { id: 2, error: { code: -32603, message: 'Internal error' } }])
  await t.rejects(connection.request('error'), { code: 'MCP_CLIENT_RPC_ERROR', rpc: { code: -32602, message: 'bad', data: 1 } })
  await t.rejects(connection.request('hang', {}, { timeoutMs: 50 }), { code: 'MCP_CLIENT_TIMEOUT' })
  const abort = new AbortController()
  const aborted = t.rejects(connection.request('hang', {}, { signal: abort.signal }), { code: 'MCP_CLIENT_ABORTED' })
  await server.until('hang', 2)
  abort.abort()
  await aborted
  await server.until('notifications/cancelled', 2)
  const cancelled = server.seen.filter(({ what }) => what === 'notifications/cancelled').map(({ body }) => (body.params as { requestId: number }).requestId)
  t.strictSame(cancelled, hanging.map(({ body }) => body.id))
  const closing = t.rejects(connection.request('hang'), { code: 'MCP_CLIENT_CLOSED' })
  await connection.close()
  await closing
})

t.test('I-7: a pin is a choice of the caller, not what the server turned out to be', async t => {
  const server = await serve(t, seen => seen.what === 'server/discover' ? modern(seen) : streamable(seen))
  const remembered = new Map<string, Verdict>()
  const pinned = await connected(t, server, { pin: 'streamable', verdicts: remembered })
  t.equal(pinned.kind, 'streamable')
  await pinned.close()
  t.equal((await connected(t, server, { verdicts: remembered })).kind, 'modern', 'the best there is')
  const before = [...remembered.values()]
  await t.rejects(connected(t, server, { pin: 'http+sse', verdicts: remembered }))
  t.strictSame([...remembered.values()], before, 'nor does a pin that fails make the client forget')
})
