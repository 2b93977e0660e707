import t from 'tap'
import { call, initializeRequest, LEGACY, MODERN, modern, readEvents, signalled, startApp } from './helper.ts'
import { answer, ask, get, progress, puppet, remove, resume } from './session-client.ts'

t.test('D-19, A-26, users row 7: without sessions GET and DELETE → 405 with Allow: POST', async t => {
  const node = await startApp(t, { sessions: false })
  for (const headers of [{}, { 'mcp-session-id': 'of-yesterday' }, { 'mcp-protocol-version': LEGACY }, { 'mcp-protocol-version': MODERN }]) {
    for (const response of [await get(node, headers), await remove(node, headers)]) {
      t.equal(response.status, 405)
      t.equal(response.headers.get('allow'), 'POST')
      t.match(response.headers.get('content-type'), 'application/json')
      t.match(await response.json(), { jsonrpc: '2.0', error: { code: -32600, message: String } })
    }
  }
  t.equal((await get(node, { accept: 'text/html' })).status, 405, 'before 406')
})

t.test('D-19: a modern-only endpoint has no sessions either', async t => {
  const node = await startApp(t, { revisions: [MODERN] })
  t.equal((await get(node, {})).headers.get('allow'), 'POST')
  t.equal((await node.rpc(...modern('server/discover'))).status, 200)
})

t.test('D-19: initialize answers as usual and mints no id', async t => {
  const { rpc } = await startApp(t, { sessions: false })
  for (const version of ['2024-11-05', '2025-03-26', '2025-06-18', LEGACY]) {
    const { status, headers, message } = await rpc(initializeRequest(version))
    t.equal(status, 200)
    t.equal(message.result?.protocolVersion, version)
    t.equal(headers.get('mcp-session-id'), null)
  }
})

t.test('D-19, A-53: each POST stands alone, in the version its header names or else 2025-03-26', async t => {
  const { application, requests } = puppet()
  const { rpc } = await startApp(t, { sessions: false, application })
  const cases = [[{}, '2025-03-26'], [{ 'mcp-protocol-version': '2025-06-18' }, '2025-06-18'], [{ 'mcp-session-id': 'ignored' }, '2025-03-26']] as const
  for (const [headers, revision] of cases) {
    const reply = rpc(call('work'), headers)
    const exchange = await requests.next()
    t.equal(exchange.session, null)
    t.equal(exchange.revision, revision)
    await answer(exchange, { ok: true })
    t.strictSame((await reply).message.result, { ok: true })
  }
  t.equal((await rpc({ jsonrpc: '2.0', method: 'notifications/initialized' })).status, 202)
})

t.test('A-17, A-19: batches go by the revision here too', async t => {
  const { rpc } = await startApp(t, { sessions: false })
  const batch = [call('ping', {}, 1), call('ping', {}, 2)]
  t.strictSame((await rpc(batch)).messages.map(({ id }) => id), [1, 2])
  t.equal((await rpc(batch, { 'mcp-protocol-version': LEGACY })).status, 400)
})

t.test('C-9, C-14, C-32: streams without sessions carry no ids, no priming, and cannot be resumed', async t => {
  const { application, requests } = puppet()
  const node = await startApp(t, { sessions: false, application })
  const reply = node.open(call('work'), { 'mcp-protocol-version': LEGACY })
  const exchange = await requests.next()
  await progress(exchange, 1)
  exchange.detach(1)
  await answer(exchange, { done: true })
  const reader = readEvents(await reply)
  const events = await reader.rest()
  t.strictSame(events.map(({ id, message }) => [id, message.method ?? message.result]), [
    [undefined, 'notifications/progress'], [undefined, { done: true }]
  ])
  t.strictSame(reader.retries, [])
  await t.rejects(resume(node, {}, 'x_1'), /405/)
})

t.test('D-19: requests to the client are rejected with a code and a reason', async t => {
  const { application, requests } = puppet()
  const { rpc } = await startApp(t, { sessions: false, application })
  const reply = rpc(call('work'))
  const exchange = await requests.next()
  await t.rejects(ask(exchange, 'sampling/createMessage', 1), { code: 'MCP_ENDPOINT_NO_CLIENT_REQUESTS', message: /sampling\/createMessage/ })
  await answer(exchange, { ok: true })
  t.strictSame((await reply).message.result, { ok: true }, 'and nothing else is disturbed')
})

t.test('A-37: a posted response belongs to a session', async t => {
  const { rpc } = await startApp(t, { sessions: false })
  t.equal((await rpc({ jsonrpc: '2.0', id: 1, result: {} })).status, 400)
})

t.test('C-12, A-58: neither a disconnect nor a posted cancellation reaches another POST', async t => {
  const { application, requests } = puppet()
  const gone = signalled()
  const node = await startApp(t, { sessions: false, application }, {}, app => {
    app.addHook('onRequest', async (request, reply) => {
      if (request.headers['x-leaves'] !== undefined) reply.raw.once('close', () => gone.resolve())
    })
  })
  const client = new AbortController()
  const reply = node.open(call('work'), { 'x-leaves': 'yes' }, client.signal)
  const exchange = await requests.next()
  await progress(exchange, 1)
  await reply
  t.equal((await node.rpc({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } })).status, 202)
  t.notOk(exchange.signal.aborted)
  client.abort()
  await gone.promise
  t.notOk(exchange.signal.aborted)
  await answer(exchange)
})

t.test('B-27 without sessions, a request that names no version is refused where 2025-03-26 is not served', async t => {
  const { rpc } = await startApp(t, { sessions: false, revisions: ['2025-06-18', '2025-11-25'] })
  const refused = await rpc(call('ping'))
  t.equal(refused.status, 400)
  t.match(refused.message, { id: 1, error: { code: -32600, message: /MCP-Protocol-Version is missing; supported are 2025-06-18, 2025-11-25/ } })
  t.same((await rpc(call('ping'), { 'mcp-protocol-version': '2025-06-18' })).message.result, {})
  t.equal((await rpc(initializeRequest('2024-11-05'))).message.result?.protocolVersion, '2025-11-25', 'initialize negotiates')
})
