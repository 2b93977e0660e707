import t from 'tap'
import type { McpSession } from '@mcp/protocol'
import { call, rawConnection, rawRequest, readEvents, startApp, type EventReader, type Fields, type TestApp } from './helper.ts'
import { answer, get, listen, progress, puppet, until } from './session-client.ts'

const { application, requests } = puppet()

/** The application's end of a session. */
async function sessionOf (node: TestApp, session: Fields): Promise<McpSession> {
  const reply = node.rpc(call('work'), session)
  const exchange = await requests.next()
  await answer(exchange)
  await reply
  if (exchange.session === null) throw new Error('no session')
  return exchange.session
}

async function update (session: McpSession, ...uris: string[]): Promise<void> {
  for (const uri of uris) await session.send({ jsonrpc: '2.0', method: 'notifications/resources/updated', params: { uri } })
}

async function take (reader: EventReader, count: number): Promise<unknown[]> {
  const uris: unknown[] = []
  while (uris.length < count) {
    const event = await reader.next()
    if (event === undefined) return uris
    if (event.data !== '') uris.push(event.message.params?.uri ?? event.message)
  }
  return uris
}

t.test('C-18, C-21: a GET in a session opens a stream for what belongs to no request', async t => {
  const node = await startApp(t, { application })
  const session = await node.initialize()
  const reader = await listen(node, session)
  const server = await sessionOf(node, session)
  await update(server, 'a', 'b')
  t.strictSame(await take(reader, 2), ['a', 'b'])
})

t.test('C-18, C-17: what was sent before the first GET is delivered when it opens', async t => {
  const node = await startApp(t, { application })
  const session = await node.initialize()
  const server = await sessionOf(node, session)
  await update(server, 'early', 'bird')
  const reader = await listen(node, session)
  t.strictSame(await take(reader, 2), ['early', 'bird'])
  await update(server, 'late')
  t.strictSame(await take(reader, 1), ['late'])
})

t.test('C-20, C-16, users row 9: a second GET takes over; the first is closed and nothing comes twice', async t => {
  const node = await startApp(t, { application })
  const session = await node.initialize()
  const server = await sessionOf(node, session)
  const first = await listen(node, session)
  await update(server, 'a', 'b')
  t.strictSame(await take(first, 2), ['a', 'b'])
  const second = await listen(node, session)
  t.strictSame(await first.rest(), [])
  await update(server, 'c')
  t.strictSame(await take(second, 1), ['c'])
  const third = await listen(node, session)
  t.strictSame(await second.rest(), [])
  await update(server, 'd')
  t.strictSame(await take(third, 1), ['d'])
})

t.test('C-20, users row 9: a client behind a half-open connection is not locked out', async t => {
  const node = await startApp(t, { application, limits: { streamsPerSession: 1 } })
  const session = await node.initialize()
  const server = await sessionOf(node, session)
  const headers = Object.entries(session).map(([name, value]) => `${name}: ${value}`)
  const dead = await rawConnection(t, node.port, rawRequest('GET', [...headers, 'Accept: text/event-stream']))
  await dead.until(text => text.includes('data:'))
  dead.socket.pause()
  const reader = await listen(node, session)
  await update(server, 'a')
  t.strictSame(await take(reader, 1), ['a'], 'also with a single stream allowed')
  dead.socket.resume()
  t.notMatch(await dead.closed(), '"a"')
})

t.test('C-20, C-27: what is sent between two GETs is delivered by the second, once', async t => {
  const node = await startApp(t, { application })
  const session = await node.initialize()
  const server = await sessionOf(node, session)
  const first = await listen(node, session)
  await update(server, 'a')
  await take(first, 1)
  await first.cancel()
  await until(() => [...node.app.mcpSessions.live()].every(({ openStreams }) => openStreams === 0))
  await update(server, 'b', 'c')
  const second = await listen(node, session)
  t.strictSame(await take(second, 2), ['b', 'c'])
  await update(server, 'd')
  t.strictSame(await take(second, 1), ['d'])
})

t.test('C-21: a GET that takes no event stream → 406; any that does is served', async t => {
  const node = await startApp(t, { application })
  const session = await node.initialize()
  for (const accept of ['application/json', 'text/html', 'text/event-stream;q=0', 'application/*']) {
    const response = await get(node, session, { accept })
    t.equal(response.status, 406, accept)
    t.match(response.headers.get('content-type'), 'application/json')
    t.match(await response.json(), { jsonrpc: '2.0', error: { code: -32600, message: String } })
  }
  for (const accept of ['text/event-stream', '*/*', 'text/*', 'application/json, text/event-stream']) {
    const response = await get(node, session, { accept })
    t.equal(response.status, 200, accept)
    await response.body?.cancel()
  }
  t.equal((await fetch(node.url, { headers: session })).status, 200, 'fetch sends */*')
})

t.test('C-21, D-6, D-7: a GET goes by the rules of sessions', async t => {
  const node = await startApp(t, { application })
  t.equal((await get(node, {})).status, 400)
  t.equal((await get(node, { 'mcp-session-id': 'nobody' })).status, 404)
})

t.test('C-19: no response ever travels on the standalone stream', async t => {
  const node = await startApp(t, { application })
  const session = await node.initialize()
  const server = await sessionOf(node, session)
  const reader = await listen(node, session)
  await server.send({ jsonrpc: '2.0', id: 1, result: {} })
  await server.send({ jsonrpc: '2.0', id: 1, error: { code: -32603, message: 'no' } })
  await update(server, 'a')
  t.strictSame(await take(reader, 1), ['a'])
})

t.test('C-17: what answers a notification takes the standalone stream', async t => {
  const { application, others } = puppet()
  const node = await startApp(t, { application })
  const session = await node.initialize()
  const reader = await listen(node, session)
  await node.rpc({ jsonrpc: '2.0', method: 'notifications/roots/list_changed' }, session)
  const exchange = await others.next()
  await progress(exchange, 7)
  await exchange.send({ jsonrpc: '2.0', id: 1, result: {} })
  const [message] = await take(reader, 1)
  t.match(message, { method: 'notifications/progress', params: { progress: 7 } })
})

t.test('C-15: the standalone stream can be let go too; the client polls back', async t => {
  const node = await startApp(t, { application })
  const session = await node.initialize()
  const server = await sessionOf(node, session)
  const first = await listen(node, session)
  await update(server, 'a')
  await first.next()
  const seen = await first.next()
  server.detachStandalone(250)
  t.strictSame(await first.rest(), [])
  t.strictSame(first.retries, [1000, 250])
  await update(server, 'b')
  const second = await listen(node, session, { 'last-event-id': seen?.id ?? '' })
  t.strictSame(await take(second, 1), ['b'])
  server.detachStandalone()
  t.strictSame(await second.rest(), [])
  t.strictSame(second.retries, [1000])
  server.detachStandalone()
})

t.test('H-12, C-21: more streams than a session may have → 429 with Retry-After, and room again later', async t => {
  const node = await startApp(t, { application, limits: { streamsPerSession: 2 } })
  const session = await node.initialize()
  const running: Array<Promise<Response>> = []
  const exchanges = []
  for (const id of [1, 2]) {
    running.push(node.open(call('work', {}, id), session))
    const exchange = await requests.next()
    await progress(exchange, 1)
    exchanges.push(exchange)
  }
  for (const refused of [await get(node, session), await node.open(call('ping', {}, 9), session)]) {
    t.equal(refused.status, 429)
    t.match(refused.headers.get('retry-after'), /^\d+$/)
    t.match(await refused.json(), { error: { code: -32600 } })
  }
  t.equal((await node.open({ jsonrpc: '2.0', method: 'notifications/x' }, session)).status, 202, 'what needs no stream passes')
  const other = await node.initialize()
  t.same((await node.rpc(call('ping'), other)).message.result, {}, 'and other sessions are not disturbed')
  for (const exchange of exchanges) await answer(exchange)
  for (const reply of running) await readEvents(await reply).rest()
  t.equal((await get(node, session)).status, 200)
})
