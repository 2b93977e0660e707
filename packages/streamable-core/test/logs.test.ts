import t from 'tap'
import { call, initializeRequest, modern, rawConnection, rawRequest, startApp, type Fields, type LogLine, type TestApp } from './helper.ts'
import { answer, get, listen, progress, puppet, remove } from './session-client.ts'

const JSON_BODY: Fields = { 'content-type': 'application/json' }

function refusals (node: TestApp): LogLine[] {
  return node.logs.filter(({ msg }) => msg === 'request refused')
}

t.test('users row 25, B-32: every refusal has one log line with rung, status and reason', async t => {
  const node = await startApp(t, { limits: { bodyBytes: 2000, batchLength: 2, streamsPerSession: 1, sessions: 2, sessionsPerAddress: 2 } })
  const session = await node.initialize()
  await node.initialize('2025-03-26')
  const post = (body: unknown, headers: Fields = {}): Promise<unknown> => node.rpc(body, headers)
  const cases: Array<[string, number, () => Promise<unknown>]> = [
    ['guard', 403, async () => post(call('ping'), { origin: 'https://evil.example' })],
    ['method', 405, async () => fetch(node.url, { method: 'PUT', headers: JSON_BODY, body: '{}' })],
    ['media-type', 415, async () => post(call('ping'), { 'content-type': 'text/plain' })],
    ['content-coding', 415, async () => post(call('ping'), { 'content-encoding': 'gzip' })],
    ['accept', 406, async () => post(call('ping'), { accept: 'text/html' })],
    ['accept', 406, async () => get(node, session, { accept: 'application/json' })],
    ['body', 413, async () => post(call('ping', { filler: 'x'.repeat(3000) }))],
    ['body', 400, async () => post('{')],
    ['message', 400, async () => post({ id: 1 })],
    ['batch', 400, async () => post([], session)],
    ['batch', 400, async () => post([call('ping'), call('ping'), call('ping')], session)],
    ['batch', 400, async () => post([call('ping')], session)],
    ['response', 400, async () => post({ jsonrpc: '2.0', id: 1, result: {} })],
    ['protocol-version', 400, async () => post(call('ping'), { ...session, 'mcp-protocol-version': '1999-01-01' })],
    ['envelope', 400, async () => post(call('ping'), { 'mcp-protocol-version': '2026-07-28' })],
    ['initialize', 400, async () => post(initializeRequest(), { 'mcp-protocol-version': '2026-07-28' })],
    ['session-missing', 400, async () => post(call('ping'))],
    ['session-missing', 400, async () => get(node, {})],
    ['session-missing', 400, async () => remove(node, {})],
    ['session-unknown', 404, async () => post(call('ping'), { 'mcp-session-id': 'nobody' })],
    ['session-unknown', 404, async () => get(node, { 'mcp-session-id': 'nobody' })],
    ['session-unknown', 404, async () => remove(node, { 'mcp-session-id': 'nobody' })],
    ['session-known', 400, async () => post(initializeRequest(), session)],
    ['session-cap', 503, async () => post(initializeRequest())],
    ['last-event-id', 400, async () => get(node, session, { 'last-event-id': 'x' })],
    ['stream-cap', 429, async () => {
      await listen(node, session)
      await post(call('ping'), session)
    }]
  ]
  for (const [rung, status, act] of cases) {
    const before = refusals(node).length
    await act()
    const lines = refusals(node).slice(before)
    t.match(lines, [{ rung, status, reason: /\S{3}/, code: Number, level: status >= 500 ? 40 : 30 }], `${rung} ${status}`)
    t.equal(lines.length, 1)
    t.type(lines[0]?.reqId, 'string', 'it belongs to a request')
  }
})

t.test('users row 25: modern refusals are logged alike', async t => {
  const node = await startApp(t)
  const [message, fields] = modern('tools/call', { name: 'x' })
  await node.rpc(message, { ...fields, 'mcp-method': 'tools/list' })
  await node.rpc(message, { ...fields, 'mcp-name': 'y' })
  await node.rpc(message, { ...fields, 'mcp-protocol-version': '2099-01-01' })
  t.equal(refusals(node).length, 3)
  for (const line of refusals(node)) t.match(line, { rung: String, status: 400, reason: String, code: -32020 })
})

t.test('D-18, H-20: no session id is ever whole in a log, whatever happens to the session', async t => {
  const { application, requests } = puppet()
  const node = await startApp(t, { application, closeTimeoutMs: 50 })
  const ids: string[] = []
  for (let n = 0; n < 3; n++) {
    const session = await node.initialize()
    ids.push(session['mcp-session-id'] ?? '')
    const reader = await listen(node, session)
    const reply = node.open(call('work'), session)
    const exchange = await requests.next()
    await progress(exchange, 1)
    const response = await reply
    await node.rpc(call('unknown', {}, 9), { ...session, 'mcp-protocol-version': '2025-03-26', 'content-type': 'text/plain' })
    await node.rpc({ jsonrpc: '2.0', method: 'notifications/x' }, { ...session, 'mcp-protocol-version': '2025-03-26' })
    await get(node, session, { 'last-event-id': 'x' })
    await node.rpc(initializeRequest(), session)
    if (n === 0) await remove(node, session)
    if (n === 1) await exchange.session?.terminate('test')
    if (n === 2) await answer(exchange)
    await progress(exchange, 2)
    await response.text()
    await reader.cancel()
    await get(node, session)
  }
  await node.app.close()
  const text = node.logs.map(line => JSON.stringify(line)).join('\n')
  t.match(text, 'session opened')
  t.match(text, 'session ended')
  for (const id of ids) {
    t.notOk(text.includes(id))
    t.notOk(text.includes(id.slice(0, 12)))
    t.ok(text.includes(id.slice(0, 6)), 'enough to tell sessions apart')
  }
})

t.test('H-20: no payload, token or header value in the log', async t => {
  const { application, requests } = puppet()
  const node = await startApp(t, { application })
  const session = await node.initialize()
  const secret = 'hunter2-hunter2'
  const reply = node.open(call('work', { secret }), { ...session, authorization: `Bearer ${secret}` })
  const exchange = await requests.next()
  await progress(exchange, 1, { secret })
  await answer(exchange, { secret })
  await progress(exchange, 2, { secret })
  await (await reply).text()
  await node.rpc(`{"secret":"${secret}"`, session)
  await node.rpc({ jsonrpc: '2.0', method: secret.length, params: { secret } }, session)
  const broken = node.rpc(call('work', { secret }), session)
  const second = await requests.next()
  await second.send({ jsonrpc: '2.0', id: 'other', result: { secret } })
  await answer(second)
  await broken
  await node.app.close()
  t.notMatch(node.logs.map(line => JSON.stringify(line)).join('\n'), secret)
})

t.test('H-20, H-24: what a client sends cannot forge log lines', async t => {
  const node = await startApp(t)
  const body = JSON.stringify(call('ping'))
  const evil = '\x1b[31m\x07red'
  const fields = ['Content-Type: application/json', `MCP-Protocol-Version: 1999 ${Buffer.from('é').toString('latin1')}`, `Mcp-Session-Id: ${'x'.repeat(500)}`]
  const raw = await rawConnection(t, node.port, rawRequest('POST', fields, body))
  t.match(await raw.closed(), /^HTTP\/1\.1 400/)
  const raws = await rawConnection(t, node.port, rawRequest('POST', [`Content-Type: ${evil}`], body))
  await raws.closed()
  await node.app.close()
  for (const { reason } of refusals(node)) {
    t.match(reason, /^[\x20-\x7e…]*$/)
    t.ok(String(reason).length < 400)
  }
  t.equal(refusals(node).length >= 1, true)
})

t.test('H-20: Node lets no path through that does something in a log; one that was rewritten does nothing there either', async t => {
  const evil = '/x\u009b31my/mcp?token=z'
  const node = await startApp(t, { prefix: '/:tenant' }, { rewriteUrl: ({ url = '' }) => url.startsWith('/rewritten') ? evil : url })
  const plain = await rawConnection(t, node.port, Buffer.from(rawRequest('POST', ['Content-Type: application/json'], '{}', evil), 'latin1'))
  t.match(await plain.closed(), /^HTTP\/1\.1 400/)
  const raw = await rawConnection(t, node.port, rawRequest('POST', ['Content-Type: application/json'], '{}', '/rewritten'))
  t.match(await raw.closed(), /"error"/)
  t.match(node.logs.map(({ req }) => req).filter(req => req !== undefined), [{ method: 'POST', url: '/x?31my/mcp' }])
  await node.app.close()
})

t.test('D-11, C-30: the ends of sessions and streams say why', async t => {
  const node = await startApp(t, { limits: { sessionIdleMs: 100 } })
  const session = await node.initialize()
  await remove(node, session)
  t.match(node.logs.filter(({ msg }) => msg === 'session ended'), [{ reason: 'ended by the client', session: /…$/, level: 30 }])
})
