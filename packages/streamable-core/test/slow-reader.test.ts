import t from 'tap'
import type { Socket } from 'node:net'
import { mcpStorage, memoryStorage } from '@mcp/storage'
import { call, modern, rawConnection, rawRequest, readEvents, startApp, type Event, type Fields, type RawConnection, type TestApp } from './helper.ts'
import { answer, get, lateStorage, progress, puppet, resume, until, values } from './session-client.ts'

const KIB = 1024
const MIB = 1024 * KIB
/** More than the buffers of two sockets hold. */
const FLOOD = 48 * MIB
const CHUNK = 64 * KIB
const filler = 'x'.repeat(CHUNK)

/** A client that reads the first bytes of its reply and then none. */
async function stuck (t: Tap, node: TestApp, method: string, fields: Fields, body = ''): Promise<RawConnection> {
  const headers = ['Accept: application/json, text/event-stream', ...Object.entries(fields).map(([name, value]) => `${name}: ${value}`)]
  if (body !== '') headers.push('Content-Type: application/json')
  const raw = await rawConnection(t, node.port, rawRequest(method, headers, body))
  return raw
}

type Tap = Parameters<typeof rawConnection>[0]

/** The most that ever waited unsent on any connection of a server. */
function watchUnsent (node: TestApp): () => number {
  const sockets = new Set<Socket>()
  let most = 0
  node.app.server.on('connection', socket => sockets.add(socket))
  return () => {
    for (const socket of sockets) most = Math.max(most, socket.writableLength)
    return most
  }
}

t.test('C-6, C-27, users row 24: a stalled reader of a resumable stream is let go and loses nothing', async t => {
  const { application, requests } = puppet()
  const limits = { stallMs: 60, eventsPerSession: 10_000, eventBytesPerSession: 2 * FLOOD }
  const node = await startApp(t, { application, keepAliveMs: 30, limits })
  const unsent = watchUnsent(node)
  const session = await node.initialize()
  const raw = await stuck(t, node, 'POST', session, JSON.stringify(call('flood')))
  const exchange = await requests.next()
  await progress(exchange, 0)
  const id = /id: (.*)\n/.exec(await raw.until(text => text.includes('progress')))?.[1]
  raw.socket.pause()
  const count = FLOOD / CHUNK
  // Sends that wait for room: they go on once the reader was given up.
  for (let n = 1; n <= count; n++) {
    await progress(exchange, n, { filler })
    unsent()
  }
  await answer(exchange, { done: true })
  t.ok(unsent() < MIB, `at most ${unsent()} bytes waited`)
  t.ok(node.logs.some(({ msg, level }) => level === 40 && msg.includes('slow reader')))
  raw.socket.destroy()
  const events: Event[] = []
  // With so little patience the server may cut this reader off too; it comes back like any client.
  for (let last = id; events.at(-1)?.message.result === undefined; last = events.at(-1)?.id ?? last) {
    events.push(...await (await resume(node, session, last)).rest())
  }
  t.strictSame(values(events), [...Array(count + 1).keys(), { done: true }])
})

t.test('C-6: a sender that never waits makes no server run out of memory either', async t => {
  const { application, requests } = puppet()
  const limits = { unsentBytes: 256 * KIB, eventBytesPerSession: MIB, eventsPerSession: 100 }
  const node = await startApp(t, { application, limits })
  const unsent = watchUnsent(node)
  const session = await node.initialize()
  const raw = await stuck(t, node, 'POST', session, JSON.stringify(call('flood')))
  const exchange = await requests.next()
  await progress(exchange, 0)
  await raw.until(text => text.includes('progress'))
  raw.socket.pause()
  const before = process.memoryUsage()
  for (let n = 1; n <= FLOOD / CHUNK; n++) {
    progress(exchange, n, { filler }).catch(() => {})
    unsent()
    if (n % 50 === 0) await new Promise(resolve => setImmediate(resolve))
  }
  await answer(exchange, { done: true })
  const after = process.memoryUsage()
  t.ok(unsent() < 256 * KIB + 4 * CHUNK, `at most ${unsent()} bytes waited`)
  t.ok(after.external + after.arrayBuffers - before.external - before.arrayBuffers < FLOOD / 2, 'nor is the flood kept in buffers')
  t.notOk(exchange.signal.aborted, 'the request goes on without its reader')
})

t.test('C-6: a stalled reader of the standalone stream is let go, and takes up where it was', async t => {
  const { application, requests } = puppet()
  const limits = { stallMs: 60, eventsPerSession: 10_000, eventBytesPerSession: 2 * FLOOD }
  const node = await startApp(t, { application, keepAliveMs: 30, limits })
  const unsent = watchUnsent(node)
  const session = await node.initialize()
  const raw = await stuck(t, node, 'GET', session)
  const id = /id: (.*)\n/.exec(await raw.until(text => text.includes('data:')))?.[1]
  raw.socket.pause()
  const reply = node.rpc(call('work'), session)
  const exchange = await requests.next()
  await answer(exchange)
  await reply
  const count = FLOOD / CHUNK
  for (let n = 0; n < count; n++) {
    await exchange.session?.send({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: filler, progress: n } })
    unsent()
  }
  await until(() => [...node.app.mcpSessions.live()].every(({ openStreams }) => openStreams === 0))
  // A page of the store is read and written as a whole.
  t.ok(unsent() < 256 * (CHUNK + KIB), `at most ${unsent()} bytes waited`)
  const got: unknown[] = []
  for (let last = id; got.length < count;) {
    const reader = await resume(node, session, last)
    for (let event = await reader.next(); event !== undefined; event = got.length < count ? await reader.next() : undefined) {
      got.push(event.message.params?.progress)
      last = event.id
    }
  }
  t.strictSame(got, [...Array(count).keys()])
})

t.test('C-6, C-34: a stalled reader of a stream nobody keeps is dropped, and its request with it', async t => {
  const { application, requests } = puppet()
  const node = await startApp(t, { application, keepAliveMs: 30, limits: { stallMs: 60 } })
  const [message, fields] = modern('flood')
  const raw = await stuck(t, node, 'POST', fields, JSON.stringify(message))
  const exchange = await requests.next()
  const { signal } = exchange
  await progress(exchange, 0)
  await raw.until(text => text.includes('progress'))
  raw.socket.pause()
  let sent = 0
  while (!signal.aborted && sent < 10 * FLOOD) {
    await progress(exchange, 1, { filler })
    sent += CHUNK
  }
  t.ok(signal.aborted)
})

for (const [kind, storage] of [['at once', memoryStorage], ['later', lateStorage]] as const) {
  t.test(`users row 24: a reader that keeps up gets results and replays of any size, from a store that answers ${kind}`, t => large(t, storage))
}

async function large (t: Tap, storage: typeof memoryStorage): Promise<void> {
  const { application, requests } = puppet()
  const node = await startApp(t, { application, limits: { unsentBytes: 64 * KIB } }, {}, app =>
    app.register(mcpStorage, { storage: storage({ events: { maxBytes: 64 * MIB } }) }))
  const session = await node.initialize()
  const large = 'y'.repeat(3 * MIB)
  for (const talks of [false, true]) {
    const reply = node.open(call('work'), session)
    const exchange = await requests.next()
    const sending = (async () => {
      for (const value of talks ? [1, 2, 3] : []) await progress(exchange, value, { large })
      await answer(exchange, { large })
    })()
    const answered = await reply
    if (!talks) {
      t.equal((await answered.text()).length > large.length, true, 'as JSON')
      continue
    }
    const events = await readEvents(answered).rest()
    await sending
    t.strictSame(events.map(({ message }) => String(message.params?.large ?? message.result?.large).length), [9, ...Array(4).fill(large.length)], 'as stream')
    const replayed = await (await resume(node, session, events[0]?.id)).rest()
    t.strictSame(replayed.map(({ id }) => id), events.slice(1).map(({ id }) => id), 'once more')
  }
  const [message, fields] = modern('work')
  const reply = node.open(message, fields)
  const exchange = await requests.next()
  await progress(exchange, 1)
  await answer(exchange, { large })
  t.ok((await (await reply).text()).length > large.length, 'without a session')
  t.equal((await get(node, session)).status, 200)
}

t.test('C-6, C-27: a reader that is slow but reads gets everything over one connection', async t => {
  const { application, requests } = puppet()
  const node = await startApp(t, { application, limits: { eventsPerSession: 10_000, eventBytesPerSession: 2 * FLOOD } })
  const session = await node.initialize()
  const reply = node.open(call('flood'), session)
  const exchange = await requests.next()
  const count = FLOOD / CHUNK
  const sending = (async () => {
    for (let n = 0; n < count; n++) await progress(exchange, n, { filler })
    await answer(exchange)
  })()
  const reader = readEvents(await reply)
  const got: unknown[] = []
  for (let event = await reader.next(); event !== undefined; event = await reader.next()) {
    if (event.message.params !== undefined) got.push(event.message.params.progress)
    if (got.length % 64 === 0) await new Promise(resolve => setImmediate(resolve))
  }
  await sending
  t.strictSame(got, [...Array(count).keys()])
})
