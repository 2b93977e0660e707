import t from 'tap'
import { StreamableHttpClient } from '../../src/index.ts'
import { INITIALIZE, INITIALIZED, INITIALIZE_RESULT, RECONNECT, listen, notification, request, shakeHands } from '../lib/client.ts'
import { event, serve, type Seen } from '../lib/server.ts'

/** A server with sessions `s1`, `s2`, …; only the newest is known. */
function sessions (answer: (seen: Seen) => void = seen => seen.result()): { answer: (seen: Seen) => void, forget: () => void } {
  let count = 0
  let known = ''
  return {
    forget: () => { known = '' },
    answer: seen => {
      if (seen.what === 'initialize') {
        known = `s${++count}`
        return seen.result(INITIALIZE_RESULT, { 'mcp-session-id': known })
      }
      if (seen.headers['mcp-session-id'] !== known) return seen.json({ jsonrpc: '2.0', id: null, error: { code: -32600, message: 'unknown session' } }, 404)
      if (seen.what === 'GET') return seen.status(405)
      if (seen.body.id === undefined || seen.method === 'DELETE') return seen.status(202)
      answer(seen)
    }
  }
}

t.test('I-10, I-11, D-4, A-52: session and revision are on everything after initialize, and on nothing before', async t => {
  const { answer } = sessions(seen => seen.result({}, { 'mcp-session-id': 'another' }))
  const server = await serve(t, answer)
  const heard = await listen(t, new StreamableHttpClient(server.url))
  t.equal(heard.client.state, 'connecting')
  await shakeHands(heard)
  t.equal(heard.client.state, 'open')
  await server.until('GET')
  await heard.client.send(request(1, 'tools/list'))
  await heard.client.send(request(2, 'tools/list'))
  t.equal(heard.client.sessionId, 's1', 'an id on another answer than that of initialize is ignored')
  await heard.client.close()
  const named = server.seen.map(({ what, headers }) => [what, headers['mcp-session-id'], headers['mcp-protocol-version']])
  const all = ['s1', '2025-11-25']
  t.strictSame(named.toSorted(), [
    ['DELETE', ...all], ['GET', ...all], ['initialize', undefined, undefined], ['notifications/initialized', ...all], ['tools/list', ...all], ['tools/list', ...all]
  ], 'I-19: and DELETE ends it')
  t.equal(server.seen.find(({ what }) => what === 'GET')?.headers.accept, 'text/event-stream', 'A-29')
  t.strictSame(heard.errors, [], '405 to GET is no error')
})

t.test('A-52: clients of 2025-03-26 name no revision', async t => {
  const server = await serve(t, seen => seen.what === 'initialize' ? seen.result({ ...INITIALIZE_RESULT, protocolVersion: '2025-03-26' }) : seen.status(405))
  const heard = await listen(t, new StreamableHttpClient(server.url))
  await heard.client.send(INITIALIZE)
  await heard.client.send(request(1, 'ping')).catch(() => {})
  t.notOk((await server.until('ping')).headers['mcp-protocol-version'])
})

t.test('A-34, A-35, I-22: replies in either form; notifications are accepted by any 2xx, with a body or without', async t => {
  const server = await serve(t, seen => {
    if (seen.what === 'json') seen.result({ form: 'json' })
    else if (seen.what === 'stream') seen.stream(event({ jsonrpc: '2.0', method: 'notifications/progress' }), seen.event({ form: 'stream' })).end()
    else if (seen.what === 'other') seen.status(200, { 'content-type': 'text/html' }, '<p>')
    else if (seen.what === 'nothing') seen.status(202)
    else seen.status(Number(seen.what.slice(-3)), { 'content-type': 'text/html' }, seen.what.endsWith('204') ? '' : 'OK')
  })
  const heard = await listen(t, new StreamableHttpClient(server.url))
  await heard.client.send(request(1, 'json'))
  await heard.client.send(request(2, 'stream'))
  await heard.answer(2)
  t.strictSame(heard.messages.map(({ id, result }) => [id, result]), [[1, { form: 'json' }], [undefined, undefined], [2, { form: 'stream' }]])
  for (const status of [200, 202, 204]) await t.resolves(heard.client.send(notification(`status/${status}`)))
  await t.rejects(heard.client.send(request(3, 'other')), { code: 'MCP_CLIENT_UNEXPECTED_CONTENT' })
  await t.rejects(heard.client.send(request(4, 'nothing')), { code: 'MCP_CLIENT_UNEXPECTED_CONTENT' })
})

t.test('I-21: batched messages are taken in JSON and in events', async t => {
  const server = await serve(t, seen => {
    const batch = [{ jsonrpc: '2.0', method: 'notifications/message' }, { jsonrpc: '2.0', id: seen.body.id, result: {} }]
    if (seen.what === 'json') seen.json(batch)
    else seen.stream(event(batch)).end()
  })
  const heard = await listen(t, new StreamableHttpClient(server.url))
  await heard.client.send(request(1, 'json'))
  await heard.client.send(request(2, 'stream'))
  await heard.answer(2)
  t.strictSame(heard.messages.map(({ id }) => id), [undefined, 1, undefined, 2])
})

t.test('I-12, D-8: a lost session is begun anew once for all who find out, and each message is sent once more', async t => {
  const { answer, forget } = sessions()
  const server = await serve(t, answer)
  const heard = await listen(t, new StreamableHttpClient(server.url, { reconnect: RECONNECT }))
  const begun: unknown[] = []
  heard.client.onsession = result => { begun.push(result) }
  await shakeHands(heard)
  forget()
  await Promise.all([1, 2, 3].map(id => heard.client.send(request(id, 'tools/call'))))
  t.strictSame(heard.messages.map(({ id }) => id).toSorted(), [1, 2, 3, 'init'])
  t.equal(server.whats().filter(what => what === 'initialize').length, 2)
  t.match(begun, [INITIALIZE_RESULT])
  t.equal(heard.client.sessionId, 's2')
  t.match(heard.states, ['open', 'reconnecting', 'open'])
  const [, second] = server.seen.filter(({ what }) => what === 'initialize')
  t.notOk(second?.headers['mcp-session-id'], 'D-8: without the old id')
  t.strictSame(second?.body.params, INITIALIZE.params, 'with the handshake of the first')
})

for (const [status, message] of [[410, 'Gone'], [400, 'Bad Request: No valid session ID provided'], [400, 'Session not found']] as const) {
  t.test(`I-12: a session that is lost with ${status} "${message}" is begun anew`, async t => {
    let known = 's1'
    const server = await serve(t, seen => {
      if (seen.what === 'initialize') return seen.result(INITIALIZE_RESULT, { 'mcp-session-id': known })
      if (seen.what === 'GET') return seen.status(405)
      if (seen.headers['mcp-session-id'] !== known) return seen.json({ jsonrpc: '2.0', id: null, error: { code: -32000, message } }, status)
      if (seen.body.id === undefined || seen.method === 'DELETE') return seen.status(202)
      seen.result({ session: known })
    })
    const heard = await listen(t, new StreamableHttpClient(server.url, { reconnect: RECONNECT, standaloneStream: false }))
    await shakeHands(heard)
    known = 's2'
    await heard.client.send(request(1, 'tools/call'))
    t.match(await heard.answer(1), { result: { session: 's2' } })
  })
}

t.test('a 400 that says nothing of a session is the answer of its request', async t => {
  const { answer } = sessions(seen => seen.json({ jsonrpc: '2.0', id: null, error: { code: -32600, message: 'Bad arguments' } }, 400))
  const server = await serve(t, answer)
  const heard = await listen(t, new StreamableHttpClient(server.url))
  await shakeHands(heard)
  await heard.client.send(request(1, 'tools/call'))
  t.match(await heard.answer(1), { error: { message: 'Bad arguments' } })
  t.equal(heard.client.sessionId, 's1')
})

t.test('I-12: a server that forgets every session at once is not asked forever', async t => {
  const { answer } = sessions()
  const server = await serve(t, seen => {
    if (seen.what === 'tools/call') seen.status(404)
    else answer(seen)
  })
  const heard = await listen(t, new StreamableHttpClient(server.url, { reconnect: RECONNECT, standaloneStream: false }))
  await shakeHands(heard)
  for (let id = 1; id <= 10; id++) await t.rejects(heard.client.send(request(id, 'tools/call')), { code: 'MCP_CLIENT_SESSION_LOST' })
  t.equal(server.whats().filter(what => what === 'initialize').length, 4, 'the first, and three more')
})

t.test('I-5: a 404 with the error of this very request is its answer, not the end of the session', async t => {
  const { answer } = sessions(seen => seen.json({ jsonrpc: '2.0', id: seen.body.id, error: { code: -32601, message: 'no such method' } }, 404))
  const server = await serve(t, answer)
  const heard = await listen(t, new StreamableHttpClient(server.url))
  await shakeHands(heard)
  await heard.client.send(request(1, 'nothing'))
  t.match(await heard.answer(1), { error: { code: -32601 } })
  t.equal(heard.client.sessionId, 's1')
})

t.test('I-12: a session of another client cannot be begun anew, and is continued without a handshake', async t => {
  const server = await serve(t, seen => seen.status(seen.what === 'GET' ? 405 : 404))
  const heard = await listen(t, new StreamableHttpClient(server.url, { sessionId: 'old', protocolVersion: '2025-06-18' }))
  t.match((await server.until('GET')).headers, { 'mcp-session-id': 'old', 'mcp-protocol-version': '2025-06-18' })
  await t.rejects(heard.client.send(request(1, 'ping')), { code: 'MCP_CLIENT_SESSION_LOST' })
})

t.test('I-20, I-17: responses to the server go out as POSTs; a response nobody waits for is dropped and reported', async t => {
  const { answer } = sessions(seen => seen.stream(event({ jsonrpc: '2.0', id: 1, method: 'ping' }), event({ jsonrpc: '2.0', id: 77, result: {} }), seen.event()).end())
  const server = await serve(t, answer)
  const heard = await listen(t, new StreamableHttpClient(server.url))
  await shakeHands(heard)
  await heard.client.send(request(1, 'tools/call'))
  await heard.answer(1)
  await heard.client.send({ jsonrpc: '2.0', id: 1, result: {} })
  t.match(server.seen.at(-1)?.body, { id: 1, result: {} })
  t.strictSame(heard.messages.filter(({ id }) => id === 77), [])
  t.match(heard.errors, [{ code: 'MCP_CLIENT_BAD_MESSAGE' }])
})

t.test('A-4: two requests in flight are answered each by its own exchange', async t => {
  const server = await serve(t, seen => { seen.stream(event({ jsonrpc: '2.0', id: seen.body.id, result: { of: seen.what } })).end() })
  const heard = await listen(t, new StreamableHttpClient(server.url))
  await Promise.all(['a', 'b', 'c'].map(method => heard.client.send(request(method, method))))
  for (const method of ['a', 'b', 'c']) t.match(await heard.answer(method), { result: { of: method } })
})

t.test('sending needs a start, a message, and an end', async t => {
  const server = await serve(t, seen => seen.result())
  const client = new StreamableHttpClient(server.url)
  await t.rejects(client.send(INITIALIZE), { code: 'MCP_CLIENT_NOT_STARTED' })
  await client.start()
  await t.rejects(client.start(), { code: 'MCP_CLIENT_NOT_STARTED' })
  await t.rejects(client.send({ jsonrpc: '2.0' }), { code: 'MCP_CLIENT_BAD_MESSAGE' })
  await client.close()
  await client.close()
  await t.rejects(client.send(INITIALIZED), { code: 'MCP_CLIENT_CLOSED' })
  t.equal(client.state, 'closed')
})
