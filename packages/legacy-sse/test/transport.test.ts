/** What goes over the wire of HTTP+SSE, as the plainest client sees it. */
import { isRequest, type Exchange, type JsonObject, type JsonRpcMessage } from '@mcp/protocol'
import { mcpStorage, memoryStorage, type Storage } from '@mcp/storage'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { answering, initialize, open, request, signalled, start } from './helper.ts'

t.test('F-1, F-2, F-3, C-2: an endpoint event, then every message as an event, POSTs answered with 202', async t => {
  const { origin, logs } = await start(t)
  const { response, endpointData, post, next, comments } = await open(origin + '/sse')
  t.match(endpointData, /^\/messages\?sessionId=[\w-]{22,}$/)
  t.match(Object.fromEntries(response.headers), {
    'content-type': 'text/event-stream', 'cache-control': 'no-cache, no-transform', 'x-accel-buffering': 'no'
  })
  t.strictSame(comments, [''], 'a sign of life comes first')
  const accepted = await post(initialize())
  t.equal(accepted.status, 202)
  t.equal(accepted.headers.get('content-type'), null)
  const event = await next()
  t.equal(event?.event, 'message')
  t.match(event?.id, /^h\./, 'brings the handshake back when the stream is lost')
  t.match(JSON.parse(event?.data ?? ''), { id: 0, result: { protocolVersion: '2024-11-05' } })
  t.notOk(JSON.stringify(logs).includes(endpointData.slice(-12)), 'the whole session id is in no log line')
})

t.test('F-10: keep-alive comments, no priming', async t => {
  const { origin } = await start(t, { endpoint: { keepAliveMs: 60 } })
  const { comments, ask, next } = await open(origin + '/sse')
  await ask(initialize('2025-11-25'))
  const silent = next()
  while (comments.length < 3) await new Promise(resolve => setImmediate(resolve))
  t.equal(await Promise.race([silent, Promise.resolve('nothing')]), 'nothing', 'no event came meanwhile')
})

t.test('F-12, A-2: versions are negotiated; what nobody knows becomes 2024-11-05', async t => {
  const { origin } = await start(t)
  for (const [asked, expected] of [
    ['2024-11-05', '2024-11-05'], ['2025-03-26', '2025-03-26'], ['2025-11-25', '2025-11-25'], ['1999-01-01', '2024-11-05'], ['2026-07-28', '2024-11-05']
  ] as const) {
    const { ask, close } = await open(origin + '/sse')
    t.match((await ask(initialize(asked))).result, { protocolVersion: expected }, asked)
    await close()
  }
})

t.test('requests, notifications and cancellation', async t => {
  const seen = signalled<JsonRpcMessage>()
  const aborted = signalled<string>()
  const started = signalled()
  const application = answering({
    echo: ({ message }) => isRequest(message) ? { echoed: message.params } : undefined,
    progress: async exchange => {
      await exchange.send({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 1, progress: 1 } })
      return {}
    },
    slow: exchange => {
      exchange.onAbort(reason => aborted.resolve(reason))
      started.resolve()
      return undefined
    },
    'notifications/seen': ({ message }) => { seen.resolve(message); return undefined }
  })
  const { origin } = await start(t, { endpoint: { application } })
  const { ask, post, message } = await open(origin + '/sse')
  await ask(initialize())
  t.match(await ask(request('echo', { text: 'x\ny' }, 'a')), { id: 'a', result: { echoed: { text: 'x\ny' } } })
  t.match(await ask(request('progress')), { method: 'notifications/progress' })
  t.match(await message(), { id: 1, result: {} })
  t.match(await ask(request('nothing')), { error: { code: -32601 } })

  await post({ jsonrpc: '2.0', method: 'notifications/seen', params: { x: 1 } })
  t.match(await seen.promise, { params: { x: 1 } })

  await post(request('slow', {}, 77))
  await started.promise
  await post({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 77, reason: 'changed my mind' } })
  t.match(await aborted.promise, /changed my mind/)
  t.match(await ask(request('ping', {}, 78)), { id: 78 }, 'no answer to what was cancelled')
})

t.test('A-10: requests to the client, and messages that belong to no request', async t => {
  const asked = signalled<JsonRpcMessage>()
  const answered = signalled()
  const application = async (exchange: Exchange): Promise<void> => {
    const { message, session } = exchange
    if (!('method' in message)) {
      asked.resolve(message)
      return answered.resolve()
    }
    if (!isRequest(message)) return
    if (message.method === 'ask') {
      await exchange.send({ jsonrpc: '2.0', id: 5, method: 'roots/list' })
      await answered.promise
    }
    if (message.method === 'later') await session?.send({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' })
    await exchange.send({ jsonrpc: '2.0', id: message.id, result: { protocolVersion: '2024-11-05' } })
  }
  const { origin, app } = await start(t, { endpoint: { application } })
  const { ask, post, message } = await open(origin + '/sse')
  await ask(initialize('2024-11-05', { roots: {} }))
  const { id, method } = await ask(request('ask'))
  t.equal(method, 'roots/list')
  await post({ jsonrpc: '2.0', id, result: { roots: [] } })
  t.match(await message(), { id: 1 })
  t.strictSame(await asked.promise, { jsonrpc: '2.0', id: 5, result: { roots: [] } }, 'under the id the application gave it')

  t.match(await ask(request('later')), { method: 'notifications/tools/list_changed' })
  t.match(await message(), { id: 1 })
  await app.mcp.publish({ method: 'notifications/prompts/list_changed' })
  t.match(await message(), { method: 'notifications/prompts/list_changed' })
})

t.test('A-43: before initialize a client is served as one of 2024-11-05 without capabilities; there is no second initialize', async t => {
  const seen: unknown[] = []
  const tools: JsonObject = { tools: [] }
  const application = answering({
    'tools/list': ({ revision, session }) => {
      seen.push(revision, session?.handshake.capabilities)
      return tools
    }
  })
  const { origin } = await start(t, { endpoint: { application } })
  const { ask } = await open(origin + '/sse')
  t.match(await ask(request('ping')), { result: {} })
  t.match(await ask(request('tools/list')), { result: tools })
  t.strictSame(seen, ['2024-11-05', {}])
  await ask(initialize())
  t.match(await ask(initialize()), { error: { message: /already/ } })
})

t.test('F-17: a stream opened with the id of a lost one goes on with the handshake of the lost session, on any node', async t => {
  const seen: unknown[] = []
  const handlers = { 'tools/list': ({ revision, session }: Exchange) => { seen.push(revision, session?.handshake); return { tools: [] } } }
  const endpoint = { application: answering(handlers) }
  const [first, second] = [await start(t, { endpoint }), await start(t, { endpoint })]
  const lost = await open(first.origin + '/sse')
  await lost.post(initialize('2025-06-18', { sampling: {} }))
  const { id } = await lost.next() ?? {}
  await lost.close()
  const back = await open(second.origin + '/sse', { 'last-event-id': id ?? '' })
  t.match(await back.ask(request('tools/list')), { result: { tools: [] } })
  t.match(seen, ['2025-06-18', { protocolVersion: '2025-06-18', capabilities: { sampling: {} }, clientInfo: { name: 'test', version: '1' } }])
  t.match(await back.ask(initialize('2025-03-26')), { result: { protocolVersion: '2025-03-26' } }, 'a client that initializes again may')
})

t.test('an id that is none of ours opens a stream like any other', async t => {
  const { origin } = await start(t)
  const broken = [[], ['2024-11-05'], ['2026-07-28', {}, { name: 'x', version: '1' }], ['2024-11-05', [], {}], ['2024-11-05', {}, { name: 1, version: '1' }]]
  const ids = broken.map(value => 'h.' + Buffer.from(JSON.stringify(value)).toString('base64url'))
  for (const id of ['', '7', 'h.', 'h.%%%', `h.${'A'.repeat(9_000)}`, ...ids]) {
    const { ask, close } = await open(origin + '/sse', { 'last-event-id': id })
    t.match(await ask(initialize()), { result: { protocolVersion: '2024-11-05' } }, id.slice(0, 40))
    await close()
  }
})

t.test('a handshake too large for a header field is left out of the ids', async t => {
  const { origin } = await start(t)
  const { post, next } = await open(origin + '/sse')
  await post(initialize('2024-11-05', { experimental: { filler: 'x'.repeat(8_000) } }))
  t.equal((await next())?.id, undefined)
})

t.test('F-9: closing the stream ends the session', async t => {
  const aborted = signalled()
  const started = signalled()
  const application = answering({ slow: exchange => { exchange.onAbort(() => aborted.resolve()); started.resolve(); return undefined } })
  const { origin, app } = await start(t, { endpoint: { application } })
  const { ask, post, close } = await open(origin + '/sse')
  await ask(initialize())
  await post(request('slow'))
  await started.promise
  await close()
  await aborted.promise
  const late = await post(request('ping'))
  t.equal(late.status, 404)
  t.match(await late.json(), { error: { message: 'Session not found' } })
  t.equal(await app.mcpSessions.storage.sessions.count(), 0)
})

t.test('F-5, F-7: what is turned away', async t => {
  const { origin } = await start(t, { endpoint: { limits: { bodyBytes: 1000, handshakeCharacters: 500 } } })
  const { post, endpoint } = await open(origin + '/sse')
  const post2 = (url: string, init: RequestInit = {}): Promise<Response> =>
    fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(request('ping')), ...init })
  t.equal((await post2(origin + '/messages')).status, 400, 'no session')
  t.equal((await post2(endpoint + '&sessionId=again')).status, 400, 'two sessions')
  t.equal((await post2(origin + '/messages?sessionId=' + 'x'.repeat(32))).status, 404, 'unknown session')
  t.equal((await post('{', {})).status, 400, 'no JSON')
  t.equal((await post([request('ping')])).status, 400, 'a batch')
  t.equal((await post({ jsonrpc: '1.0' })).status, 400, 'no message')
  t.equal((await post(request('ping', { text: 'x'.repeat(1000) }))).status, 413)
  t.equal((await post(request('initialize', { text: 'x'.repeat(600) }))).status, 413)
  t.equal((await post('x', { 'content-type': 'text/plain' })).status, 415)
  t.equal((await post('x', { 'content-encoding': 'gzip' })).status, 415)
  t.equal((await fetch(origin + '/sse', { headers: { accept: 'application/json' } })).status, 406)

  for (const [path, allowed] of [['/sse', 'GET'], ['/messages', 'POST']] as const) {
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'].filter(method => method !== allowed)) {
      const response = await fetch(origin + path, { method })
      t.equal(response.status, 405, `${method} ${path}`)
      t.equal(response.headers.get('allow'), allowed)
    }
    const options = await fetch(origin + path, { method: 'OPTIONS' })
    t.match([options.status, options.headers.get('allow')], [204, `${allowed}, OPTIONS`])
  }
})

t.test('F-8, H-1: hosts and origins are guarded on both paths', async t => {
  const { origin } = await start(t)
  const evil = { origin: 'https://evil.example' }
  t.equal((await fetch(origin + '/sse', { headers: evil })).status, 403)
  const { post } = await open(origin + '/sse')
  t.equal((await post(request('ping'), evil)).status, 403)
})

t.test('closing the server ends streams after what runs had its time', async t => {
  const go = signalled()
  const started = signalled()
  const application = answering({ slow: async () => { started.resolve(); await go.promise; return { done: true } } })
  const { origin, app } = await start(t, { endpoint: { application, closeTimeoutMs: 5000 } })
  const { ask, post, message, next } = await open(origin + '/sse')
  await ask(initialize())
  await post(request('slow'))
  await started.promise
  const closed = app.close()
  go.resolve()
  t.match(await message(), { result: { done: true } })
  t.equal(await next(), undefined)
  await closed
})

for (const [what, forget] of [
  ['the session', (storage: Storage, id: string) => storage.sessions.delete(id)],
  ['what other nodes take for it', (storage: Storage, id: string) => storage.events.deleteSession(id)]
] as const) {
  t.test(`F-9, D-7: the storage forgets ${what}: a running call ends with an error, then the stream ends`, async t => {
    const storage = memoryStorage()
    const begun = signalled()
    const application = answering({ work: () => { begun.resolve(); return undefined } })
    const prepare = async (app: FastifyInstance): Promise<void> => { await app.register(mcpStorage, { storage }) }
    const { origin, logs } = await start(t, { endpoint: { application }, prepare })
    const stream = await open(`${origin}/sse`)
    await stream.ask(initialize())
    await stream.post(request('work', {}, 7))
    await begun.promise
    await forget(storage, new URL(stream.endpoint).searchParams.get('sessionId') ?? '')
    t.match(await stream.message(), { id: 7, error: { code: -32603, message: /storage/ } })
    t.equal(await stream.next(), undefined)
    t.ok(logs.some(({ msg, level }) => level === 50 && /no longer/.test(String(msg))), 'the log says why')
  })
}
