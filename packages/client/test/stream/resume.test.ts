import t from 'tap'
import { StreamableHttpClient } from '../../src/index.ts'
import { INITIALIZE_RESULT, RECONNECT, listen, request, shakeHands } from '../lib/client.ts'
import { event, serve, type Seen } from '../lib/server.ts'

const OPTIONS = { reconnect: RECONNECT, standaloneStream: false }

function progress (n: number): object {
  return { jsonrpc: '2.0', method: 'notifications/progress', params: { progress: n } }
}

function response (id: unknown): object {
  return { jsonrpc: '2.0', id, result: { done: true } }
}

t.test('I-13, C-24, I-16: a stream that breaks goes on after its last event, by GET, each event once', async t => {
  const server = await serve(t, seen => {
    if (seen.method === 'POST') seen.broken(event(progress(1), 'e1'), event(progress(2), 'e2'), 'id: e3\ndata: {"cut')
    else if (seen.headers['last-event-id'] === 'e2') seen.stream(event(progress(3), 'e3')).end()
    else seen.stream(event(progress(3), 'e3'), event(progress(4), 'e4'), event(response('r'), 'e5')).end()
  })
  const heard = await listen(t, new StreamableHttpClient(server.url, OPTIONS))
  const tokens: string[] = []
  await heard.client.send(request('r', 'tools/call'), { onresumptiontoken: token => tokens.push(token) })
  await heard.answer('r')
  t.strictSame(heard.messages.map(({ params, id }) => id ?? (params as { progress: number }).progress), [1, 2, 3, 4, 'r'], 'e3 came twice')
  t.strictSame(tokens, ['e1', 'e2', 'e3', 'e4', 'e5'])
  t.strictSame(server.seen.map(({ headers }) => headers['last-event-id']), [undefined, 'e2', 'e3'])
  await heard.client.send(request('s', 'tools/call'))
  t.notOk(server.seen.filter(({ method }) => method === 'POST')[1]?.headers['last-event-id'], 'never on POST')
})

t.test('I-14, I-15, C-5: a stream closed after its first, empty event is polled when the server said', async t => {
  let polled = 0
  const server = await serve(t, seen => {
    if (seen.method === 'POST') seen.stream('id: p\nretry: 120\ndata: \n\n').end()
    else if (++polled < 12) seen.stream(`id: p${polled}\nretry: 10\ndata: \n\n`).end()
    else seen.stream(event(response('r'), 'last')).end()
  })
  const heard = await listen(t, new StreamableHttpClient(server.url, OPTIONS))
  const started = performance.now()
  await heard.client.send(request('r', 'tools/call'))
  await server.until('GET')
  const waited = performance.now() - started
  t.ok(waited >= 118 && waited < 320, `waited ${waited} ms`)
  t.match(await heard.answer('r'), { result: { done: true } }, 'polling more often than the budget has attempts')
})

t.test('row 8: connections that open and close without bringing anything use up the budget', async t => {
  const server = await serve(t, seen => {
    if (seen.method === 'POST') seen.stream(event(progress(1), 'e1')).end()
    else seen.stream(': nothing\n\n').end()
  })
  const heard = await listen(t, new StreamableHttpClient(server.url, OPTIONS))
  await heard.client.send(request('r', 'tools/call'))
  t.match(await heard.answer('r'), { error: { data: { code: 'MCP_CLIENT_GAVE_UP' } } })
  t.equal(server.whats().filter(what => what === 'GET').length, RECONNECT.attempts)
})

t.test('row 8: the standalone stream gives up within its budget, even when asked to retry, and POSTs go on', async t => {
  const server = await serve(t, seen => {
    if (seen.what === 'initialize') seen.result(INITIALIZE_RESULT, { 'mcp-session-id': 's' })
    else if (seen.what === 'GET') seen.stream('id: x\nretry: 10\ndata: \n\n').end()
    else if (seen.body.id === undefined) seen.status(202)
    else seen.result()
  })
  const heard = await listen(t, new StreamableHttpClient(server.url, { reconnect: RECONNECT }))
  await shakeHands(heard)
  await heard.error('MCP_CLIENT_GAVE_UP')
  t.equal(server.whats().filter(what => what === 'GET').length, RECONNECT.attempts + 1)
  await heard.client.send(request(1, 'tools/list'))
  t.match(await heard.answer(1), { result: {} })
  t.equal(heard.client.state, 'open')
})

t.test('I-11: a GET that fails does not fail anything else; one that may work later is tried again', async t => {
  let gets = 0
  const server = await serve(t, seen => {
    if (seen.what === 'initialize') seen.result(INITIALIZE_RESULT, { 'mcp-session-id': 's' })
    else if (seen.what === 'GET') {
      if (++gets <= 2) seen.status(500)
      else seen.stream(event({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' }))
    } else seen.status(202)
  })
  const heard = await listen(t, new StreamableHttpClient(server.url, { reconnect: RECONNECT }))
  await shakeHands(heard)
  await heard.message(({ method }) => method === 'notifications/tools/list_changed')
  t.match(heard.states, ['open', 'reconnecting', 'open'])
  for (const status of [400, 403, 406, 501]) {
    const other = await serve(t, seen => {
      if (seen.what === 'initialize') seen.result(INITIALIZE_RESULT)
      else if (seen.what === 'GET') seen.status(status)
      else seen.status(202)
    })
    const second = await listen(t, new StreamableHttpClient(other.url, { reconnect: RECONNECT }))
    await shakeHands(second)
    await other.until('GET')
    await t.resolves(second.client.send(request(1, 'x')).catch(({ code }) => t.equal(code, 'MCP_CLIENT_UNEXPECTED_CONTENT')), `after ${status}`)
  }
})

t.test('C-26: an event that is not kept any more: the standalone stream begins afresh and says so', async t => {
  const server = await serve(t, seen => {
    if (seen.what === 'initialize') seen.result(INITIALIZE_RESULT, { 'mcp-session-id': 's' })
    else if (seen.what !== 'GET') seen.status(202)
    else if (seen.headers['last-event-id'] !== undefined) seen.status(400)
    else seen.stream(event({ jsonrpc: '2.0', method: 'notifications/message' }, 'old'), ...server.whats().length > 4 ? [] : ['']).end()
  })
  const heard = await listen(t, new StreamableHttpClient(server.url, { reconnect: RECONNECT }))
  await shakeHands(heard)
  const gets = [await server.until('GET', 1), await server.until('GET', 2), await server.until('GET', 3)]
  t.strictSame(gets.map(({ headers }) => headers['last-event-id']), [undefined, 'old', undefined])
  t.ok(heard.errors.length >= 1)
})

t.test('I-12: a stream lost with its session: what only reads is asked again, what may have been done fails', async t => {
  let count = 0
  const lost = (seen: Seen): void => { seen.stream('id: a\ndata: \n\n').end() }
  const server = await serve(t, seen => {
    if (seen.what === 'initialize') seen.result(INITIALIZE_RESULT, { 'mcp-session-id': `s${++count}` })
    else if (seen.headers['mcp-session-id'] !== `s${count}` || seen.what === 'GET') seen.status(404)
    else if (seen.body.id === undefined) seen.status(202)
    else if (count === 1) lost(seen)
    else seen.result({ session: count })
  })
  const heard = await listen(t, new StreamableHttpClient(server.url, OPTIONS))
  await shakeHands(heard)
  await Promise.all([heard.client.send(request(1, 'tools/list')), heard.client.send(request(2, 'tools/call'))])
  t.match(await heard.answer(1), { result: { session: 2 } })
  t.match(await heard.answer(2), { error: { data: { code: 'MCP_CLIENT_SESSION_LOST' } } })
  t.equal(count, 2)
})

t.test('a stream of an earlier client is taken up by its token', async t => {
  const server = await serve(t, seen => { seen.stream(event(response('theirs'), 'e9')).end() })
  const heard = await listen(t, new StreamableHttpClient(server.url, { ...OPTIONS, sessionId: 's', protocolVersion: '2025-11-25' }))
  await heard.client.send(request('mine', 'tools/call'), { resumptionToken: 'e8' })
  t.match(await heard.answer('mine'), { result: { done: true } })
  t.match(server.seen.map(({ method, headers }) => [method, headers['last-event-id']]), [['GET', 'e8']])
})

t.test('a legacy stream without event ids that breaks fails its request at once', async t => {
  const server = await serve(t, seen => { seen.broken(event(progress(1))) })
  const heard = await listen(t, new StreamableHttpClient(server.url, OPTIONS))
  await heard.client.send(request(1, 'tools/call'))
  t.match(await heard.answer(1), { error: { data: { code: 'MCP_CLIENT_STREAM_ENDED' } } })
})
