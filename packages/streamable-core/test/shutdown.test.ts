import Fastify from 'fastify'
import t from 'tap'
import { mcpStreamable } from '../src/index.ts'
import { selfSigned } from './certificate.ts'
import { answering, call, modern, rawConnection, rawRequest, readAnswer, readEvents, signalled, startApp, type Fields } from './helper.ts'
import { answer, listen, progress, puppet, values } from './session-client.ts'

/** Far below any timeout of Node, far above what a busy machine needs. */
const SOON_MS = 3_000

async function closing (node: { readonly app: { close (): PromiseLike<unknown> } }): Promise<number> {
  const since = performance.now()
  await node.app.close()
  return performance.now() - since
}

function lines (session: Fields): string[] {
  return Object.entries(session).map(([name, value]) => `${name}: ${value}`)
}

t.test('C-8, users row 23: open GETs end in order, told when to come back, and close() does not wait for them', async t => {
  const node = await startApp(t, { closeTimeoutMs: 60_000, retryMs: 4321 })
  const readers = []
  for (let n = 0; n < 3; n++) readers.push(await listen(node, await node.initialize()))
  const raw = await rawConnection(t, node.port, rawRequest('GET', [...lines(await node.initialize()), 'Accept: text/event-stream'])
    .replace('Connection: close', 'Connection: keep-alive'))
  await raw.until(text => text.includes('data:'))
  t.ok(await closing(node) < SOON_MS)
  for (const reader of readers) {
    t.strictSame((await reader.rest()).map(({ data }) => data), [''])
    t.strictSame(reader.retries, [4321, 4321])
  }
  t.match(await raw.closed(), /retry: 4321\n\n\r\n0\r\n\r\n$/, 'the reply is complete, then the connection closes')
})

t.test('users row 23: a running request may finish within the deadline', async t => {
  const { application, requests } = puppet()
  const begun = signalled()
  const node = await startApp(t, { application, closeTimeoutMs: 60_000 }, {}, app => {
    app.addHook('preClose', async () => begun.resolve())
  })
  const session = await node.initialize()
  const streamed = node.open(call('a'), session)
  const first = await requests.next()
  await progress(first, 1)
  const waiting = node.rpc(call('b', {}, 2), session)
  const second = await requests.next()
  const unkept = node.open(...modern('c'))
  const third = await requests.next()
  await progress(third, 1)
  const response = await streamed
  const modernResponse = await unkept

  const closed = closing(node)
  await begun.promise
  await progress(first, 2)
  await answer(first, { a: true })
  await answer(second, { b: true })
  await answer(third, { c: true })
  t.ok(await closed < SOON_MS)
  t.strictSame(values((await readEvents(response).rest()).filter(({ data }) => data !== '')), [1, 2, { a: true }])
  t.strictSame((await waiting).message.result, { b: true })
  t.match((await readAnswer(modernResponse)).message.result, { c: true })
})

t.test('C-8, users row 23: past the deadline requests end with an error and an aborted signal, streams in order', async t => {
  const { application, requests } = puppet()
  const node = await startApp(t, { application, closeTimeoutMs: 100 })
  const session = await node.initialize()
  const streamed = node.open(call('a'), session)
  const first = await requests.next()
  await progress(first, 1)
  const waiting = node.rpc(call('b', {}, 2), session)
  const second = await requests.next()
  const unkept = node.open(...modern('c', {}, {}, 3))
  const third = await requests.next()
  await progress(third, 1)
  const signals = [first, second, third].map(({ signal }) => signal)
  const [response, modernResponse] = [await streamed, await unkept]

  t.ok(await closing(node) < SOON_MS)
  t.strictSame(signals.map(({ aborted }) => aborted), [true, true, true])
  const events = await readEvents(response).rest()
  t.match(events.at(-1)?.message, { id: 1, error: { code: -32603, message: /shut/ } })
  t.match((await waiting).message, { id: 2, error: { code: -32603, message: /shut/ } })
  t.match((await readAnswer(modernResponse)).message, { id: 3, error: { code: -32603, message: /shut/ } })
  await answer(first, { late: true })
})

t.test('users row 23: a request that detached ends too, and its error waits in the store', async t => {
  const { application, requests } = puppet()
  const node = await startApp(t, { application, closeTimeoutMs: 50 })
  const session = await node.initialize()
  const reply = node.open(call('a'), session)
  const exchange = await requests.next()
  exchange.detach(0)
  await readEvents(await reply).rest()
  const { signal } = exchange
  t.ok(await closing(node) < SOON_MS)
  t.ok(signal.aborted)
})

t.test('users row 23: half-open sockets, idle ones and unfinished requests hold nothing up past the deadline', async t => {
  const node = await startApp(t, { closeTimeoutMs: 100 })
  const session = await node.initialize()
  const silent = await rawConnection(t, node.port)
  const started = await rawConnection(t, node.port, 'POST /mcp HTTP/1.1\r\nHost: local')
  const unfinished = await rawConnection(t, node.port,
    rawRequest('POST', [...lines(session), 'Content-Type: application/json', 'Content-Length: 1000'], '{"jsonrpc":'))
  const halfOpen = await rawConnection(t, node.port, rawRequest('GET', [...lines(session), 'Accept: text/event-stream']))
  await halfOpen.until(text => text.includes('data:'))
  halfOpen.socket.end()
  halfOpen.socket.pause()
  t.ok(await closing(node) < SOON_MS)
  halfOpen.socket.resume()
  for (const { closed } of [silent, started, unfinished, halfOpen]) await closed()
})

t.test('users row 23: a connection that never sent a byte does not delay close() at all', async t => {
  const node = await startApp(t, { closeTimeoutMs: 60_000 })
  const silent = await rawConnection(t, node.port)
  t.ok(await closing(node) < SOON_MS)
  await silent.closed()
})

t.test('users row 23: over TLS, a connection that never sent a byte does not delay close() either', async t => {
  const app = Fastify({ https: selfSigned() })
  t.teardown(() => app.close())
  await app.register(mcpStreamable, { application: answering(), closeTimeoutMs: 60_000 })
  const silent = await rawConnection(t, Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port))
  t.ok(await closing({ app }) < SOON_MS)
  await silent.closed()
})

t.test('users row 23: all deadlines of close() share one budget', async t => {
  const { application, requests } = puppet()
  const closeTimeoutMs = 500
  const node = await startApp(t, { application, closeTimeoutMs })
  const session = await node.initialize()
  // It sent a byte, so only the deadline ends it.
  await rawConnection(t, node.port, 'POST /mcp HTTP/1.1\r\nHost: local')
  const waiting = node.rpc(call('a'), session)
  await requests.next()
  const took = await closing(node)
  t.match((await waiting).message, { id: 1, error: { code: -32603, message: /shut/ } })
  t.ok(took < closeTimeoutMs * 1.6, `${Math.round(took)} ms`)
})

t.test('users row 23, row 24: a reader that takes nothing holds nothing up past the deadline', async t => {
  const { application, requests } = puppet()
  const node = await startApp(t, { application, closeTimeoutMs: 100, limits: { unsentBytes: 64 * 1024 * 1024 } })
  const body = JSON.stringify(call('flood'))
  const fields = ['Content-Type: application/json', 'Accept: text/event-stream', ...lines(await node.initialize())]
  const stuck = await rawConnection(t, node.port, rawRequest('POST', fields, body))
  stuck.socket.pause()
  const exchange = await requests.next()
  const filler = 'x'.repeat(512 * 1024)
  for (let n = 0; n < 32; n++) progress(exchange, n, { filler }).catch(() => {})
  t.ok(await closing(node) < SOON_MS)
})

t.test('C-8: while the server closes, new requests are turned away', async t => {
  const { application, requests } = puppet()
  const begun = signalled()
  const node = await startApp(t, { application, closeTimeoutMs: 60_000 }, {}, app => {
    app.addHook('preClose', async () => begun.resolve())
  })
  const session = await node.initialize()
  const reply = node.rpc(call('work'), session)
  const exchange = await requests.next()
  // This connection is there before and not idle, so that it outlives the first moment of close().
  const body = JSON.stringify(call('ping', {}, 2))
  const text = rawRequest('POST', [...lines(session), 'Content-Type: application/json'], body)
  const late = await rawConnection(t, node.port, text.slice(0, -5))
  const closed = closing(node)
  await begun.promise
  late.socket.write(text.slice(-5))
  const answered = await late.closed()
  t.match(answered, /^HTTP\/1\.1 (503|200) /)
  await answer(exchange)
  await reply
  t.ok(await closed < SOON_MS)
})
