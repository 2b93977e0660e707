/** An application that sends without waiting for room loses nothing of what may wait, and gets an error to its client beyond that (C-6). */
import { isRequest, type Exchange, type ExchangeHandler, type JsonObject } from '@mcp/protocol'
import { mcpStorage } from '@mcp/storage'
import t, { type Test } from 'tap'
import { answering, call, modern, readEvents, startApp, type Event, type TestApp } from './helper.ts'
import { lateStorage, resume, until, values } from './session-client.ts'

const MIB = 1024 * 1024

/** Sends so many notifications of that size, waits for none, and returns a result. */
const careless: ExchangeHandler = exchange => {
  const { message } = exchange
  if (!isRequest(message) || message.method !== 'test/burst') return answering()(exchange)
  const { count, size } = message.params as { count: number, size: number }
  for (let n = 0; n < count; n++) say(exchange, n, 'x'.repeat(size))
  return { done: true }
}

function say (exchange: Exchange, progress: number, filler: string): void {
  exchange.send({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 1, progress, filler } }).catch(() => {})
}

/** All events that carry a message. */
async function messages (response: Response): Promise<Event[]> {
  return (await readEvents(response).rest()).filter(({ data }) => data !== '')
}

async function servers (t: Test): Promise<Array<[name: string, node: TestApp, ask: (params: JsonObject) => Promise<Response>]>> {
  const started = await Promise.all([startApp(t, { application: careless }), startApp(t, { application: careless }, {}, async app => {
    await app.register(mcpStorage, { storage: lateStorage() })
  })])
  const sessionless = await startApp(t, { application: careless, sessions: false })
  const all: Array<[string, TestApp, (params: JsonObject) => Promise<Response>]> = []
  for (const [index, node] of started.entries()) {
    const session = await node.initialize()
    all.push([`a session, storage ${index === 0 ? 'at once' : 'later'}`, node, params => node.open(call('test/burst', params), session)])
  }
  all.push(['without sessions', sessionless, params => sessionless.open(call('test/burst', params))])
  const [first] = started
  if (first !== undefined) all.push(['the modern era', first, params => first.open(...modern('test/burst', params))])
  return all
}

for (const [count, size] of [[1, 2 * MIB], [200, 10_000], [10_000, 110]] as const) {
  t.test(`C-6: ${count} notifications of ${size} bytes that no one waits for arrive, and the result behind them`, async t => {
    for (const [name, , ask] of await servers(t)) {
      const events = await messages(await ask({ count, size }))
      t.match(values(events), [...Array(count).keys(), { done: true }], name)
      t.equal(events.length, count + 1, name)
    }
  })
}

t.test('C-6: more than may wait ends the call with an error that the client receives; the log says why, once', async t => {
  const endless: ExchangeHandler = exchange => {
    const { message } = exchange
    if (!isRequest(message) || message.method !== 'test/burst') return answering()(exchange)
    for (let n = 0; n < 2_000; n++) say(exchange, n, 'x'.repeat(10_000))
  }
  const node = await startApp(t, { application: endless, limits: { unsentBytes: MIB } })
  const events = await messages(await node.open(...modern('test/burst')))
  t.match(events.at(-1)?.message, { id: 1, error: { code: -32603, message: /more messages than could be delivered/ } })
  t.ok(events.length > 50, 'what fitted arrived')
  await until(() => node.logs.some(({ msg }) => /does not wait/.test(String(msg))))
  t.ok(node.logs.filter(({ msg }) => /dropped|does not wait/.test(String(msg))).length <= 3, 'few lines')
})

t.test('C-6, C-27: a stored stream that its reader does not take goes on, and can be resumed', async t => {
  const node = await startApp(t, { application: careless, limits: { unsentBytes: 64 * 1024, eventBytesPerSession: 16 * MIB } })
  const session = await node.initialize()
  const events = await messages(await node.open(call('test/burst', { count: 500, size: 10_000 }), session))
  let last = events.at(-1)?.id
  t.ok(last !== undefined && events.every(({ message }) => message.result === undefined), 'the connection ended early, in order')
  for (let round = 0; events.at(-1)?.message.result === undefined && round < 100; round++) {
    events.push(...(await (await resume(node, session, last)).rest()).filter(({ data }) => data !== ''))
    last = events.at(-1)?.id
  }
  t.strictSame(values(events), [...Array(500).keys(), { done: true }])
})
