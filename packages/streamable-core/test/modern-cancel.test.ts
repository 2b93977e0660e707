import type { Exchange } from '@mcp/protocol'
import t, { type Test } from 'tap'
import type { McpStreamableOptions } from '../src/index.ts'
import { answering, modern, rawConnection, rawRequest, readEvents, signalled, startApp, type TestApp } from './helper.ts'

interface Waiting extends TestApp {
  running: Promise<Exchange>
}

/** `test/wait` never answers; `test/talk` says one thing first. */
async function start (t: Test, options: Partial<McpStreamableOptions> = {}): Promise<Waiting> {
  const running = signalled<Exchange>()
  const application = answering({
    'test/wait': exchange => { running.resolve(exchange); return undefined },
    'test/talk': async exchange => {
      await exchange.send({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 1, progress: 1 } })
      running.resolve(exchange)
      return undefined
    }
  })
  return { ...await startApp(t, { application, ...options }), running: running.promise }
}

function fired (signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve())
  })
}

t.test('C-34: a client that goes before a byte was sent fires the signal', async t => {
  const { open, running, rpc, logs } = await start(t)
  const client = new AbortController()
  const gone = open(...modern('test/wait'), client.signal)
  const exchange = await running
  t.notOk(exchange.signal.aborted)
  client.abort()
  await t.rejects(gone)
  await fired(exchange.signal)
  t.match(exchange.signal.reason, { name: 'AbortError' })
  await exchange.send({ jsonrpc: '2.0', method: 'notifications/progress', params: {} })
  await exchange.send({ jsonrpc: '2.0', id: 1, result: {} })
  t.equal(logs.filter(line => line.msg === 'message dropped').length, 2)
  t.equal((await rpc(...modern('server/discover'))).status, 200)
})

t.test('C-34: a signal that is first read after the client went has fired', async t => {
  const { port, running, app } = await start(t)
  const closed = signalled()
  app.server.once('connection', socket => socket.once('close', () => closed.resolve()))
  const [body, headers] = modern('test/wait')
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  const connection = await rawConnection(t, port, rawRequest('POST', ['Content-Type: application/json', ...lines], JSON.stringify(body)))
  const exchange = await running
  connection.socket.destroy()
  await closed.promise
  await new Promise(resolve => setImmediate(resolve))
  t.ok(exchange.signal.aborted)
})

t.test('C-34: onAbort tells the same without a signal, at once where it is late, never after the answer', async t => {
  const { open, running, rpc, logs } = await start(t)
  const client = new AbortController()
  const gone = open(...modern('test/wait'), client.signal)
  const exchange = await running
  const told = signalled<string>()
  exchange.onAbort(reason => {
    told.resolve(reason)
    throw new Error('careless')
  })
  client.abort()
  await t.rejects(gone)
  t.match(await told.promise, /disconnected/)
  const late: string[] = []
  exchange.onAbort(reason => { late.push(reason) })
  t.match(late, [/disconnected/])
  t.equal((await rpc(...modern('server/discover'))).status, 200, 'a listener that throws ends nothing')
  t.match(logs.find(line => line.level === 50), { err: { message: 'careless' } })

  const answered = await start(t)
  const reply = answered.open(...modern('test/wait'))
  const finished = await answered.running
  finished.onAbort(reason => { late.push(reason) })
  await finished.send({ jsonrpc: '2.0', id: 1, result: {} })
  await (await reply).text()
  await answered.app.close()
  t.equal(late.length, 1)
})

t.test('C-34, C-31: a client that goes in the middle of its stream fires the signal', async t => {
  const { open, running } = await start(t)
  const reader = readEvents(await open(...modern('test/talk')))
  t.equal((await reader.next())?.message.method, 'notifications/progress')
  const exchange = await running
  t.notOk(exchange.signal.aborted)
  await reader.cancel()
  await fired(exchange.signal)
  t.pass('fired')
})

t.test('C-34, C-33: also while the stream only keeps alive', async t => {
  const { open, running } = await start(t, { keepAliveMs: 20 })
  const response = await open(...modern('test/wait'))
  t.equal(response.headers.get('content-type'), 'text/event-stream', 'who says nothing for long becomes a stream')
  await readEvents(response).cancel()
  await fired((await running).signal)
  t.pass('fired')
})

t.test('C-34: the end of one client is nobody else\'s', async t => {
  const exchanges: Exchange[] = []
  const both = signalled()
  const application = answering({
    'test/wait': exchange => {
      if (exchanges.push(exchange) === 2) both.resolve()
      return undefined
    }
  })
  const { open } = await startApp(t, { application })
  const client = new AbortController()
  const gone = open(...modern('test/wait', { n: 1 }), client.signal)
  gone.catch(() => {})
  const stays = open(...modern('test/wait', { n: 2 }))
  await both.promise
  const [one, two] = [1, 2].map(n => exchanges.find(({ message }) => 'params' in message && message.params?.n === n))
  client.abort()
  await fired(one?.signal ?? AbortSignal.abort())
  t.notOk(two?.signal.aborted)
  await two?.send({ jsonrpc: '2.0', id: 1, result: { n: 2 } })
  t.match(await (await stays).json(), { id: 1, result: { n: 2 } })
})

t.test('B-26, E-45: a posted cancellation cancels nothing', async t => {
  const { open, rpc, running, initialize } = await start(t)
  const session = await initialize()
  const reply = open(...modern('test/wait', {}, {}, 'x'))
  const exchange = await running
  const [{ params }] = modern('', { requestId: 'x' })
  const cancelled = { jsonrpc: '2.0', method: 'notifications/cancelled', params }
  t.equal((await rpc(cancelled, { 'mcp-protocol-version': '2026-07-28' })).status, 202)
  t.equal((await rpc({ ...cancelled, params: { requestId: 'x' } }, session)).status, 202, 'nor one of some session')
  t.notOk(exchange.signal.aborted)
  await exchange.send({ jsonrpc: '2.0', id: 'x', result: {} })
  t.match(await (await reply).json(), { id: 'x', result: {} })
})

t.test('C-34: an answered request is not cancelled by what follows', async t => {
  const seen: Exchange[] = []
  const { port } = await startApp(t, { application: answering({ 'test/quick': exchange => { seen.push(exchange); return {} } }) })
  const [body, headers] = modern('test/quick')
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  await (await rawConnection(t, port, rawRequest('POST', ['Content-Type: application/json', ...lines], JSON.stringify(body)))).closed()
  await new Promise(resolve => setImmediate(resolve))
  t.equal(seen[0]?.signal.aborted, false)
})

t.test('C-34: a call whose client went while its tools were looked up is not made', async t => {
  const listing = signalled()
  const go = signalled()
  const closed = signalled()
  const listed = signalled()
  const calls: unknown[] = []
  const application = answering({
    'tools/list': async () => {
      listing.resolve()
      await go.promise
      setImmediate(() => listed.resolve())
      return { tools: [{ name: 'x', inputSchema: { type: 'object' } }] }
    },
    'tools/call': exchange => { calls.push(exchange.message.params?.name); return { content: [] } }
  })
  const { app, open, rpc, logs } = await startApp(t, { application })
  app.server.once('connection', socket => socket.once('close', () => closed.resolve()))
  const client = new AbortController()
  const gone = open(...modern('tools/call', { name: 'x' }), client.signal)
  await listing.promise
  client.abort()
  await t.rejects(gone)
  await closed.promise
  go.resolve()
  await listed.promise
  t.strictSame(calls, [])
  t.ok(logs.some(line => /before its request was run/.test(line.msg)))
  t.equal((await rpc(...modern('tools/call', { name: 'x' }))).status, 200)
})

t.test('C-8, E-29: shutting down answers what still runs with an error and fires its signal', async t => {
  for (const method of ['test/wait', 'test/talk']) {
    const { open, running, app } = await start(t, { closeTimeoutMs: 30 })
    const reply = open(...modern(method))
    const exchange = await running
    const { signal } = exchange
    const closing = app.close()
    const text = await (await reply).text()
    t.match(text, /"id":1,"error":\{"code":-32603,"message":"The server is shutting down"\}/, method)
    await closing
    t.ok(signal.aborted)
  }
})

t.test('C-8: what finishes within the deadline is answered', async t => {
  const { open, running, app } = await start(t, { closeTimeoutMs: 60_000 })
  const reply = open(...modern('test/wait'))
  const exchange = await running
  const closing = app.close()
  await new Promise(resolve => setImmediate(resolve))
  await exchange.send({ jsonrpc: '2.0', id: 1, result: { late: false } })
  t.match(await (await reply).json(), { result: { late: false } })
  await closing
})
