/** What applications say unasked, at the pace that `fastify.mcpPace` sets. */
import type { Exchange, Pace } from '@mcp/protocol'
import t from 'tap'
import { answering, call, LEGACY, modern, readEvents, startApp, type EventReader, type Fields, type WireMessage } from './helper.ts'

const PACE: Pace = { progress: { max: 3, windowMs: 60_000 }, log: { max: 3, windowMs: 60_000 } }
const COUNT = 1000

async function flood (exchange: Exchange): Promise<void> {
  for (let i = 1; i <= COUNT; i++) {
    exchange.send({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 'p', progress: i } })
    exchange.send({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: i } })
  }
}

const application = answering({ 'tools/call': async exchange => { await flood(exchange); return { content: [] } } })
const told = (messages: readonly WireMessage[]): unknown[] => messages.map(({ method, params }) => method === undefined ? 'response' : params?.progress ?? params?.data)

async function started (t: Parameters<typeof startApp>[0], pace: Pace | undefined = PACE) {
  return startApp(t, { application }, {}, app => { if (pace !== undefined) app.decorate('mcpPace', pace) })
}

const params = { name: 'flood', arguments: {}, _meta: { progressToken: 'p', 'io.modelcontextprotocol/logLevel': 'debug' } }
/** Three of each, the last progress, and the response. */
const PACED = [1, 1, 2, 2, 3, 3, COUNT, 'response']

t.test('H-11 progress and log messages of a request are throttled, in sessions and in the modern era; the last progress is not lost', async t => {
  const { rpc, initialize, logs } = await started(t)
  t.strictSame(told((await rpc(call('tools/call', params), await initialize())).messages), PACED)
  t.strictSame(told((await rpc(...modern('tools/call', params))).messages), PACED)
  const lines = logs.filter(({ msg }) => msg.startsWith('the application sends more'))
  t.match(lines, [{ level: 40, method: 'tools/call', dropped: 'notifications/message' }, { level: 40 }])
  t.equal(lines.length, 2, 'one line for each request')
})

t.test('H-11 each request has a pace of its own', async t => {
  const { rpc, initialize } = await started(t)
  const session = await initialize()
  const answers = await Promise.all([1, 2, 3].map(id => rpc(call('tools/call', params, id), session)))
  for (const { messages } of answers) t.strictSame(told(messages), PACED)
})

t.test('without a pace everything goes out', async t => {
  const { rpc, initialize } = await startApp(t, { application })
  t.equal((await rpc(call('tools/call', params), await initialize())).messages.length, 2 * COUNT + 1)
})

t.test('H-11 a session that is told things outside of any request has a pace too', async t => {
  const { rpc, initialize, url } = await startApp(t, {
    application: answering({
      'tools/call': async ({ session }) => {
        for (let i = 1; i <= 100; i++) await session?.send({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: i } })
        await session?.send({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' })
        return { content: [] }
      }
    })
  }, {}, app => { app.decorate('mcpPace', PACE) })
  const session = await initialize()
  const events = await listen(url, session)
  await rpc(call('tools/call', params), session)
  const heard: unknown[] = []
  for (let event = await events.next(); event !== undefined; event = await events.next()) {
    heard.push(event.message.params?.data ?? event.message.method)
    if (event.message.method === 'notifications/tools/list_changed') break
  }
  t.strictSame(heard.filter(one => one !== undefined), [1, 2, 3, 'notifications/tools/list_changed'], 'other notifications are not held up')
  await events.cancel()
})

async function listen (url: string, session: Fields): Promise<EventReader> {
  return readEvents(await fetch(url, { headers: { accept: 'text/event-stream', 'mcp-protocol-version': LEGACY, ...session } }))
}
