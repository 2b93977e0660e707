import t from 'tap'
import { isRequestId, type JsonRpcMessage } from '@mcp/protocol'
import { call, readEvents, startApp, type EventReader, type WireMessage } from './helper.ts'
import { answer, ask, listen, puppet, resume } from './session-client.ts'

async function nextMessage (reader: EventReader): Promise<WireMessage> {
  for (;;) {
    const event = await reader.next()
    if (event === undefined) throw new Error('the stream ended')
    if (event.data !== '') return event.message
  }
}

function responseTo ({ id }: WireMessage, result = {}): JsonRpcMessage {
  if (!isRequestId(id)) throw new Error('no id')
  return { jsonrpc: '2.0', id, result }
}

t.test('C-10, C-11: a request to the client travels on the stream of the request that causes it, under an id of the wire', async t => {
  const { application, requests, others } = puppet()
  const node = await startApp(t, { application })
  const session = await node.initialize()
  const reply = node.open(call('work'), session)
  const exchange = await requests.next()
  await ask(exchange, 'elicitation/create', 7, { message: '?' })
  const reader = readEvents(await reply)
  const request = await nextMessage(reader)
  t.match(request, { jsonrpc: '2.0', method: 'elicitation/create', params: { message: '?' } })
  t.equal(typeof request.id, 'string')

  const posted = await node.rpc(responseTo(request, { action: 'accept' }), session)
  t.equal(posted.status, 202)
  t.equal(posted.text, '')
  t.equal(posted.headers.get('content-type'), null)
  const heard = await others.next()
  t.strictSame(heard.message, { jsonrpc: '2.0', id: 7, result: { action: 'accept' } }, 'the id of the application is back, with its type')
  t.equal(heard.session, exchange.session)
  await answer(exchange, { done: true })
  t.strictSame((await nextMessage(reader)).result, { done: true })
})

t.test('C-10: an error of the client comes back as well', async t => {
  const { application, requests, others } = puppet()
  const node = await startApp(t, { application })
  const session = await node.initialize()
  const reply = node.open(call('work'), session)
  const exchange = await requests.next()
  await ask(exchange, 'roots/list', 'mine')
  const { id } = await nextMessage(readEvents(await reply))
  await node.rpc({ jsonrpc: '2.0', id, error: { code: -32601, message: 'no roots' } }, session)
  t.strictSame((await others.next()).message, { jsonrpc: '2.0', id: 'mine', error: { code: -32601, message: 'no roots' } })
  await answer(exchange)
})

t.test('A-4, C-16: equal ids of the application in two exchanges and two sessions do not meet', async t => {
  const { application, requests, others } = puppet()
  const node = await startApp(t, { application })
  const sessions = [await node.initialize(), await node.initialize()]
  const pending = []
  for (const session of [...sessions, ...sessions]) {
    const reply = node.open(call('work'), session)
    const exchange = await requests.next()
    await ask(exchange, 'sampling/createMessage', 1)
    pending.push({ session, exchange, request: await nextMessage(readEvents(await reply)) })
  }
  t.equal(new Set(pending.map(({ request }) => request.id)).size, pending.length)
  for (const [index, { session, request, exchange }] of [...pending.entries()].toReversed()) {
    await node.rpc(responseTo(request, { index }), session)
    const heard = await others.next()
    t.strictSame(heard.message, { jsonrpc: '2.0', id: 1, result: { index } })
    t.equal(heard.session, exchange.session)
  }
  for (const { exchange } of pending) await answer(exchange)
})

t.test('A-37, H-17: responses nobody waits for, or of another session, or twice → 202 and dropped', async t => {
  const { application, requests, others } = puppet()
  const node = await startApp(t, { application })
  const [session, other] = [await node.initialize(), await node.initialize()]
  const reply = node.open(call('work'), session)
  const exchange = await requests.next()
  await ask(exchange, 'sampling/createMessage', 1)
  const request = await nextMessage(readEvents(await reply))

  for (const id of [1, 99, 'x', 'node.1', '', `${String(request.id)}0`]) {
    t.equal((await node.rpc({ jsonrpc: '2.0', id, result: {} }, session)).status, 202, String(id))
  }
  t.equal((await node.rpc({ jsonrpc: '2.0', error: { code: -32700, message: 'of no request' } }, session)).status, 202)
  t.equal((await node.rpc(responseTo(request, { from: 'a foreigner' }), other)).status, 202)
  t.equal(others.size, 0)
  t.equal((await node.rpc(responseTo(request, { from: 'the client' }), session)).status, 202)
  t.equal((await node.rpc(responseTo(request, { from: 'an echo' }), session)).status, 202)
  t.equal(others.size, 1)
  t.match((await others.next()).message, { result: { from: 'the client' } })
  await answer(exchange)
})

t.test('A-37: after the exchange has ended its late responses are dropped', async t => {
  const { application, requests, others } = puppet()
  const node = await startApp(t, { application })
  const session = await node.initialize()
  const reply = node.open(call('work'), session)
  const exchange = await requests.next()
  await ask(exchange, 'sampling/createMessage', 1)
  const reader = readEvents(await reply)
  const request = await nextMessage(reader)
  await answer(exchange)
  await reader.rest()
  t.equal((await node.rpc(responseTo(request), session)).status, 202)
  t.equal(others.size, 0)
  t.equal(node.app.mcpSessions.outbound.size, 0, 'nothing is kept for it')
})

t.test('A-57: a server that gives up its request cancels it by the id the client knows', async t => {
  const { application, requests, others } = puppet()
  const node = await startApp(t, { application })
  const session = await node.initialize()
  const reply = node.open(call('work'), session)
  const exchange = await requests.next()
  await ask(exchange, 'sampling/createMessage', 5)
  await exchange.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 5, reason: 'too late' } })
  const reader = readEvents(await reply)
  const request = await nextMessage(reader)
  const cancelled = await nextMessage(reader)
  t.match(cancelled, { method: 'notifications/cancelled', params: { requestId: request.id, reason: 'too late' } })
  t.equal((await node.rpc(responseTo(request), session)).status, 202)
  t.equal(others.size, 0)
  await answer(exchange)
})

t.test('C-18, C-11: a ping on the standalone stream, and its answer', async t => {
  const { application, requests, others } = puppet()
  const node = await startApp(t, { application })
  const session = await node.initialize()
  const reply = node.rpc(call('work'), session)
  const exchange = await requests.next()
  await answer(exchange)
  await reply
  const reader = await listen(node, session)
  await exchange.session?.send({ jsonrpc: '2.0', id: 3, method: 'ping' })
  const request = await nextMessage(reader)
  t.match(request, { method: 'ping', id: String })
  t.equal((await node.rpc(responseTo(request), session)).status, 202)
  const heard = await others.next()
  t.strictSame(heard.message, { jsonrpc: '2.0', id: 3, result: {} })
  t.equal(heard.session?.id, session['mcp-session-id'])
})

t.test('C-24, C-10: a request that was sent into a lost connection is replayed and can be answered', async t => {
  const { application, requests, others } = puppet()
  const node = await startApp(t, { application })
  const session = await node.initialize()
  const reply = node.open(call('work'), session)
  const exchange = await requests.next()
  exchange.detach(0)
  const [priming] = await readEvents(await reply).rest()
  await ask(exchange, 'elicitation/create', 2)
  const request = await nextMessage(await resume(node, session, priming?.id))
  await node.rpc(responseTo(request, { action: 'decline' }), session)
  t.match((await others.next()).message, { id: 2, result: { action: 'decline' } })
  await answer(exchange)
})

t.test('D-10: requests to a client whose session ends find no answer any more', async t => {
  const { application, requests } = puppet()
  const node = await startApp(t, { application })
  const session = await node.initialize()
  const reply = node.open(call('work'), session)
  const exchange = await requests.next()
  await ask(exchange, 'sampling/createMessage', 1)
  await exchange.session?.send({ jsonrpc: '2.0', id: 2, method: 'ping' })
  await nextMessage(readEvents(await reply))
  t.equal(node.app.mcpSessions.outbound.size, 2)
  await exchange.session?.terminate('over')
  t.equal(node.app.mcpSessions.outbound.size, 0)
  t.ok(exchange.signal.aborted)
})
