/** What an application returns for a request is its result, and a request that gets no answer gets an error. */
import { isRequest, type Exchange, type ExchangeHandler, type JsonObject, type JsonRpcMessage, type MessageGate } from '@mcp/protocol'
import t, { type Test } from 'tap'
import { answering, call, modern, startApp, type Answer, type TestApp } from './helper.ts'

const INTERNAL = { code: -32603, message: 'Internal error' }

/** Calls `test/it` in a session and in the modern era. */
async function everywhere (
  t: Test, handler: (exchange: Exchange, id: string) => unknown, check: (answer: Answer, server: TestApp) => void
): Promise<void> {
  const inner = answering()
  const application: ExchangeHandler = exchange => {
    const { message } = exchange
    if (!isRequest(message) || message.method !== 'test/it') return inner(exchange)
    return handler(exchange, String(message.id)) as ReturnType<ExchangeHandler>
  }
  const server = await startApp(t, { application })
  const session = await server.initialize()
  check(await server.rpc(call('test/it', {}, 'the-id'), session), server)
  check(await server.rpc(...modern('test/it', {}, {}, 'the-id')), server)
}

for (const [how, handler] of Object.entries<() => unknown>({
  'at once': () => ({ fine: true }),
  'by a promise': async () => ({ fine: true }),
  'by a thenable': () => ({ then: (resolve: (value: JsonObject) => void) => resolve({ fine: true }) }),
  'without a prototype': () => Object.assign(Object.create(null) as JsonObject, { fine: true })
})) {
  t.test(`a result returned ${how} is the response`, async t => {
    await everywhere(t, handler, answer => t.match(answer.messages, [{ id: 'the-id', result: { fine: true } }]))
  })
}

t.test('C-33: a returned result follows what was sent before on the stream', async t => {
  await everywhere(t, async exchange => {
    await exchange.send({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 1, progress: 1 } })
    return { fine: true }
  }, answer => t.match(answer.messages, [{ method: 'notifications/progress' }, { id: 'the-id', result: { fine: true } }]))
})

t.test('C-35: a result returned after a response was sent is dropped and logged', async t => {
  await everywhere(t, async (exchange, id) => {
    await exchange.send({ jsonrpc: '2.0', id, result: { first: true } })
    return { first: false }
  }, (answer, server) => {
    t.match(answer.messages, [{ id: 'the-id', result: { first: true } }])
    t.ok(server.logs.some(line => line.msg === 'message dropped' && line.dropped === 'response'))
  })
})

for (const [what, handler, reason] of [
  ['settles without an answer', async () => {}, /settled without an answer/],
  ['returns a list', () => [1], /returned an array/],
  ['returns a text, late', async () => 'text', /of type string/],
  ['returns a timer', () => setTimeout(() => {}), /not a result object/],
  ['reads the signal and settles without an answer', async (exchange: Exchange) => { exchange.signal.throwIfAborted() }, /settled without/]
] as const) {
  t.test(`A-14, A-8: a request whose application ${what} gets an error, and the log says why`, async t => {
    await everywhere(t, handler, (answer, server) => {
      t.strictSame(answer.message, { jsonrpc: '2.0', id: 'the-id', error: INTERNAL })
      t.match(server.logs.find(line => line.msg === 'the request got no answer'), { level: 50, method: 'test/it', reason })
    })
  })
}

const wrong = (id: unknown): JsonRpcMessage => ({ jsonrpc: '2.0', id, result: { wrong: true } }) as JsonRpcMessage

for (const [when, handler] of Object.entries<(exchange: Exchange) => unknown>({
  'and settles': async exchange => { await exchange.send(wrong('other')) },
  'at once': exchange => { exchange.send(wrong(undefined)).catch(t.fail) },
  'after it settled': exchange => { setImmediate(() => exchange.send(wrong(7)).catch(t.fail)) }
})) {
  t.test(`A-5, A-4: a request answered with another id ${when} gets an error`, async t => {
    await everywhere(t, handler, (answer, server) => {
      t.strictSame(answer.message, { jsonrpc: '2.0', id: 'the-id', error: INTERNAL })
      t.match(server.logs.find(line => line.msg === 'message dropped'), { level: 50, reason: /its id is not that of the request/ })
    })
  })
}

t.test('an application that answers later says so, by returning nothing at once or by listening for the abort', async t => {
  const later = (exchange: Exchange, id: string): void => { setTimeout(() => { exchange.send({ jsonrpc: '2.0', id, result: { late: true } }).catch(t.fail) }, 5) }
  const inTime = (answer: Answer): void => { t.match(answer.message, { id: 'the-id', result: { late: true } }) }
  await everywhere(t, later, inTime)
  await everywhere(t, async (exchange, id) => {
    exchange.onAbort(() => {})
    later(exchange, id)
  }, inTime)
})

t.test('G-20: what the caller may not see is left out of a returned list, too', async t => {
  const inner = answering()
  const tools = [{ name: 'open', inputSchema: { type: 'object' } }, { name: 'hidden', inputSchema: { type: 'object' } }]
  const application: ExchangeHandler = exchange => {
    const { message } = exchange
    if (!isRequest(message)) return inner(exchange)
    if (message.method === 'tools/list') return { tools, ttlMs: 0, cacheScope: 'private' }
    return message.method === 'tools/call' ? Promise.resolve({ content: [{ type: 'text', text: `no ${message.params?.name}` }] }) : inner(exchange)
  }
  const gate: MessageGate = { judge: () => null, sees: (_kind, name) => name !== 'hidden' }
  const { rpc, initialize } = await startApp(t, { application }, {}, app => { app.decorate('mcpGates', [gate]) })
  const session = await initialize()
  t.strictSame((await rpc(call('tools/list'), session)).message.result?.tools, tools.slice(0, 1))
  const called = await rpc(call('tools/call', { name: 'hidden' }), session)
  t.match(called.message, { result: { content: [{ text: 'no hidden' }] } })
})
