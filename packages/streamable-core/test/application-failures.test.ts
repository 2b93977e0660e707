import { isRequest, type Exchange, type ExchangeHandler, type JsonObject, type JsonRpcMessage } from '@mcp/protocol'
import t, { type Test } from 'tap'
import { answering, call, initializeRequest, modern, signalled, startApp, type Answer, type TestApp } from './helper.ts'

const unhandled: unknown[] = []
process.on('unhandledRejection', reason => unhandled.push(reason))

const SECRET = 'postgres://root:hunter2@db/prod'
const INTERNAL = { code: -32603, message: 'Internal error' }

/** Asks the same of a server in a session, without sessions, and in the modern era; it must be alive afterwards. */
async function everywhere (
  t: Test, handler: (exchange: Exchange & { message: { id: string } }) => void | Promise<void>,
  check: (answer: Answer, era: 'legacy' | 'modern', server: TestApp) => void
): Promise<void> {
  const inner = answering()
  const application: ExchangeHandler = exchange => {
    const { message } = exchange
    if (!isRequest(message) || message.method !== 'test/fail') return inner(exchange)
    return handler(exchange as Exchange & { message: { id: string } })
  }
  const stateful = await startApp(t, { application })
  const session = await stateful.initialize()
  const sessionless = await startApp(t, { application, sessions: false })
  check(await stateful.rpc(call('test/fail', {}, 'the-id'), session), 'legacy', stateful)
  check(await sessionless.rpc(call('test/fail', {}, 'the-id')), 'legacy', sessionless)
  check(await stateful.rpc(...modern('test/fail', {}, {}, 'the-id')), 'modern', stateful)
  t.equal((await stateful.rpc(call('ping'), session)).status, 200, 'still there')
}

for (const [how, handler] of Object.entries<(exchange: Exchange) => void | Promise<void>>({
  'throws at once': () => { throw new Error(SECRET) },
  rejects: async () => { throw new Error(SECRET) },
  'throws a string': () => { throw SECRET },
  'rejects with nothing': async () => { const nothing: unknown = undefined; throw nothing },
  'rejects late': async () => { await new Promise(resolve => setImmediate(resolve)); throw new Error(SECRET) }
})) {
  t.test(`A-14, A-8, E-29: an application that ${how}`, async t => {
    await everywhere(t, handler, (answer, _era, server) => {
      t.equal(answer.status, 200)
      t.strictSame(answer.message, { jsonrpc: '2.0', id: 'the-id', error: INTERNAL })
      t.notMatch(answer.text + JSON.stringify([...answer.headers]), /hunter2|Error:|at /)
      t.ok(server.logs.some(line => line.msg === 'the application failed' && line.level === 50))
    })
  })
}

t.test('A-14, E-29, C-33: once the stream is open, the error is its last event', async t => {
  await everywhere(t, async exchange => {
    await exchange.send({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 1, progress: 1 } })
    throw new Error(SECRET)
  }, answer => {
    t.equal(answer.status, 200)
    t.equal(answer.headers.get('content-type'), 'text/event-stream')
    t.match(answer.messages, [{ method: 'notifications/progress' }, { jsonrpc: '2.0', id: 'the-id', error: INTERNAL }])
    t.equal(answer.messages.length, 2)
    t.notMatch(answer.text, /hunter2/)
  })
})

t.test('C-35: what is sent after the response is dropped and logged', async t => {
  await everywhere(t, async exchange => {
    const { id } = exchange.message
    await exchange.send({ jsonrpc: '2.0', id, result: { first: true } })
    await exchange.send({ jsonrpc: '2.0', id, result: { first: false } })
    await exchange.send({ jsonrpc: '2.0', method: 'notifications/progress', params: {} })
    await exchange.send({ jsonrpc: '2.0', id: 's', method: 'sampling/createMessage' })
    throw new Error(SECRET)
  }, (answer, _era, server) => {
    t.equal(answer.messages.length, 1)
    t.match(answer.message, { id: 'the-id', result: { first: true } })
    t.ok(server.logs.some(line => line.msg === 'message dropped' && line.dropped === 'response'))
  })
})

t.test('A-5, A-4: a response with another id is dropped', async t => {
  await everywhere(t, async exchange => {
    for (const id of ['other', 1, null, undefined]) await exchange.send({ jsonrpc: '2.0', id, result: { wrong: true } } as JsonRpcMessage)
    await exchange.send({ jsonrpc: '2.0', error: { code: -32603, message: 'no id' } })
    await exchange.send({ jsonrpc: '2.0', id: exchange.message.id, result: { wrong: false } })
  }, (answer, _era, server) => {
    t.match(answer.messages, [{ id: 'the-id', result: { wrong: false } }])
    t.ok(server.logs.some(line => /its id is not/.test(String(line.reason))))
  })
})

const circular: JsonObject = {}
circular.self = circular
for (const [what, result] of Object.entries<JsonObject>({
  'a BigInt': { n: 1n },
  'a circle': circular,
  'a toJSON that throws': { at: { toJSON: () => { throw new Error(SECRET) } } }
})) {
  t.test(`A-14, A-8: a result with ${what} becomes an internal error`, async t => {
    await everywhere(t, exchange => exchange.send({ jsonrpc: '2.0', id: exchange.message.id, result }), answer => {
      t.equal(answer.status, 200)
      t.strictSame(answer.message, { jsonrpc: '2.0', id: 'the-id', error: INTERNAL })
    })
  })
}

t.test('A-14: a notification that cannot be encoded is left out', async t => {
  await everywhere(t, async exchange => {
    await exchange.send({ jsonrpc: '2.0', method: 'notifications/progress', params: circular })
    await exchange.send({ jsonrpc: '2.0', id: exchange.message.id, result: { fine: true } })
  }, answer => t.match(answer.messages, [{ id: 'the-id', result: { fine: true } }]))
})

t.test('A-8: a response that is none becomes an internal error', async t => {
  for (const part of [{ result: null }, { result: undefined }, { result: 'text' }, { result: [] }, {}, { error: null }, { error: 'text' }, { error: { message: 'no code' } }, { jsonrpc: 2, result: {} }]) {
    await everywhere(t, exchange => exchange.send({ jsonrpc: '2.0', id: exchange.message.id, ...part } as JsonRpcMessage), answer => {
      t.equal(answer.status, 200)
      t.strictSame(answer.message, { jsonrpc: '2.0', id: 'the-id', error: INTERNAL }, JSON.stringify(part))
    })
  }
})

t.test('D-1, A-8: an initialize without a proper result opens no session', async t => {
  const outcomes: Array<(exchange: Exchange) => void | Promise<void>> = [
    () => { throw new Error(SECRET) },
    exchange => exchange.send({ jsonrpc: '2.0', id: 0, result: null } as unknown as JsonRpcMessage),
    exchange => exchange.send({ jsonrpc: '2.0', id: 0, error: { code: -32602, message: 'not you' } })
  ]
  for (const application of outcomes) {
    const { rpc } = await startApp(t, { application })
    const answer = await rpc(initializeRequest())
    t.equal(answer.status, 200)
    t.equal(answer.headers.get('mcp-session-id'), null)
    t.match(answer.message, { id: 0, error: { code: Number } })
  }
})

t.test('A-35, A-6: one that fails in a notification: the 202 stands', async t => {
  const inner = answering()
  for (const fail of [() => { throw new Error(SECRET) }, () => Promise.reject(new Error(SECRET))]) {
    const { rpc, initialize, logs } = await startApp(t, { application: exchange => 'id' in exchange.message ? inner(exchange) : fail() })
    const session = await initialize()
    const answer = await rpc({ jsonrpc: '2.0', method: 'notifications/roots/list_changed' }, session)
    t.equal(answer.status, 202)
    t.equal(answer.text, '')
    t.match(logs.find(line => line.method === 'notifications/roots/list_changed'), { level: 50, msg: 'the application failed' })
  }
})

t.test('C-31, D-19: requests to a client that can have none are refused, awaited or not', async t => {
  const seen: unknown[] = []
  const ask = (exchange: Exchange): Promise<void> => exchange.send({ jsonrpc: '2.0', id: 's', method: 'sampling/createMessage', params: {} })
  const inner = answering()
  const application: ExchangeHandler = async exchange => {
    const { message } = exchange
    if (!isRequest(message) || message.method !== 'test/ask') return inner(exchange)
    await ask(exchange).catch((error: { code: string }) => seen.push(error.code))
    // As careless code does it.
    ask(exchange)
    await new Promise(resolve => setImmediate(resolve))
    await exchange.send({ jsonrpc: '2.0', id: message.id, result: { asked: true } })
  }
  const sessionless = await startApp(t, { application, sessions: false })
  t.match((await sessionless.rpc(call('test/ask'))).messages, [{ id: 1, result: { asked: true } }])
  t.match((await sessionless.rpc(...modern('test/ask'))).messages, [{ id: 1, result: { asked: true } }])
  const stateful = await startApp(t, { application })
  const session = await stateful.initialize()
  t.match((await stateful.rpc(call('test/ask'), { ...session, accept: 'application/json' })).messages, [{ id: 1, result: { asked: true } }])
  t.strictSame(seen, Array.from({ length: 3 }, () => 'MCP_ENDPOINT_NO_CLIENT_REQUESTS'))
})

t.test('C-35, A-58: an answer after the abort is dropped, without a complaint', async t => {
  const running = signalled<Exchange>()
  const { open, rpc, initialize, logs } = await startApp(t, {
    application: answering({ 'test/wait': exchange => { running.resolve(exchange); return undefined } })
  })
  const session = await initialize()
  const reply = open(call('test/wait', {}, 'w'), session)
  const exchange = await running.promise
  await rpc({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'w' } }, session)
  t.ok(exchange.signal.aborted)
  await exchange.send({ jsonrpc: '2.0', id: 'w', result: {} })
  t.notMatch(await (await reply).text(), /result/)
  t.ok(logs.some(line => line.msg === 'message dropped'))
})

t.test('A-14: none of this left a rejection unhandled', async t => {
  await new Promise(resolve => setImmediate(resolve))
  t.strictSame(unhandled, [])
})
