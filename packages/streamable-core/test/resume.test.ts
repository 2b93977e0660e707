import t from 'tap'
import { mcpStorage, memoryStorage, type Storage } from '@mcp/storage'
import { call, readEvents, signalled, startApp, type Event } from './helper.ts'
import { answer, get, listen, progress, puppet, remove, resume, until, values } from './session-client.ts'

t.test('C-24, C-27: a lost stream goes on where it stopped, without gap or duplicate', async t => {
  const { application, requests } = puppet()
  const node = await startApp(t, { application })
  const session = await node.initialize()
  const reply = node.open(call('work'), session)
  const exchange = await requests.next()
  for (const value of [1, 2, 3]) await progress(exchange, value)
  const first = readEvents(await reply)
  t.equal((await first.next())?.data, '')
  const seen = await first.next()
  t.strictSame(values(seen === undefined ? [] : [seen]), [1])
  await first.cancel()
  await progress(exchange, 4)

  const second = await resume(node, session, seen?.id)
  await progress(exchange, 5)
  const replayed = [await second.next(), await second.next(), await second.next(), await second.next()].filter(event => event !== undefined)
  t.strictSame(values(replayed), [2, 3, 4, 5])
  await progress(exchange, 6)
  await answer(exchange, { done: true })
  t.strictSame(values(await second.rest()), [6, { done: true }], 'the live tail, then the end')
})

t.test('C-12, users row 22: a legacy client that goes away cancels nothing, and its result waits', async t => {
  const { application, requests } = puppet()
  const node = await startApp(t, { application })
  const session = await node.initialize()
  const reply = node.open(call('work'), session)
  const exchange = await requests.next()
  await progress(exchange, 1)
  const reader = readEvents(await reply)
  const priming = await reader.next()
  await reader.cancel()
  const live = [...node.app.mcpSessions.live()]
  await until(() => live.every(({ openStreams }) => openStreams === 0))
  t.notOk(exchange.signal.aborted)
  await progress(exchange, 2)
  await answer(exchange, { done: true })
  t.strictSame(values(await (await resume(node, session, priming?.id)).rest()), [1, 2, { done: true }])
})

t.test('C-12: a legacy client that goes away before any byte cancels nothing either', async t => {
  const { application, requests } = puppet()
  const node = await startApp(t, { application })
  const session = await node.initialize()
  const client = new AbortController()
  const reply = node.open(call('work'), session, client.signal)
  const exchange = await requests.next()
  client.abort()
  await t.rejects(reply)
  await node.rpc(call('ping'), session)
  t.notOk(exchange.signal.aborted)
  await answer(exchange, { done: true })
  t.same((await node.rpc(call('ping'), session)).message.result, {}, 'and harms nobody')
})

t.test('C-15, C-3: detach() closes the connection with a time to wait; the client polls back for the rest', async t => {
  const { application, requests } = puppet()
  const node = await startApp(t, { application, retryMs: 900 })
  const session = await node.initialize()
  const reply = node.open(call('work'), session)
  const exchange = await requests.next()
  exchange.detach()
  const first = readEvents(await reply)
  const [priming, ...others] = await first.rest()
  t.equal(priming?.data, '')
  t.strictSame(others, [])
  t.strictSame(first.retries, [900, 900])
  t.notOk(exchange.signal.aborted)

  await progress(exchange, 1)
  const second = await resume(node, session, priming?.id)
  const one = await second.next()
  exchange.detach(123)
  t.strictSame(await second.rest(), [])
  t.strictSame(second.retries, [123])

  await progress(exchange, 2)
  await answer(exchange, { done: true })
  const third = await resume(node, session, one?.id)
  t.strictSame(values(await third.rest()), [2, { done: true }])
})

t.test('C-14, C-22, C-24: who resumes before there is news gets an id to come back with, which clients need', async t => {
  const { application, requests } = puppet()
  const node = await startApp(t, { application })
  const session = await node.initialize()
  const reply = node.open(call('work'), session)
  const exchange = await requests.next()
  await progress(exchange, 1)
  const first = readEvents(await reply)
  const ids = [(await first.next())?.id, (await first.next())?.id]
  await first.cancel()
  for (let attempt = 0; attempt < 3; attempt++) {
    const again = await resume(node, session, ids.at(-1))
    const priming = await again.next()
    t.equal(priming?.data, '')
    ids.push(priming?.id)
    await again.cancel()
  }
  t.equal(new Set(ids).size, ids.length, 'each of them new')
  await progress(exchange, 2)
  await answer(exchange, { done: true })
  t.strictSame(values(await (await resume(node, session, ids.at(-1))).rest()), [2, { done: true }])
})

t.test('C-13: before 2025-11-25 no stream is closed before its response, so detach() does nothing', async t => {
  const { application, requests } = puppet()
  const node = await startApp(t, { application })
  const reply = node.open(call('work'), await node.initialize('2025-06-18'))
  const exchange = await requests.next()
  exchange.detach(1)
  await progress(exchange, 1)
  exchange.detach(1)
  await answer(exchange, { done: true })
  t.strictSame(values(await readEvents(await reply).rest()), [1, { done: true }])
})

t.test('C-28, users row 20: after the response was delivered, replay up to it and close', async t => {
  const { application, requests } = puppet()
  const node = await startApp(t, { application })
  const session = await node.initialize()
  const reply = node.open(call('work'), session)
  const exchange = await requests.next()
  for (const value of [1, 2]) await progress(exchange, value)
  await answer(exchange, { done: true })
  const events = await readEvents(await reply).rest()
  const last = events.at(-1)
  for (const [index, { id }] of events.entries()) {
    if (id !== last?.id) t.strictSame(await (await resume(node, session, id)).rest(), events.slice(index + 1))
  }
  const over = await get(node, session, { 'last-event-id': last?.id ?? '' })
  t.equal(over.status, 204, 'and who has all of it is told to come no more')
  t.equal(await over.text(), '')
  t.notOk(over.headers.has('content-type'))
})

t.test('C-24, C-6: thousands of events are replayed in order while more are written', async t => {
  const count = 6000
  const { application, requests } = puppet()
  const node = await startApp(t, { application, limits: { eventsPerSession: 20_000 } })
  const session = await node.initialize()
  const reply = node.open(call('work'), session)
  const exchange = await requests.next()
  await progress(exchange, 0)
  const first = readEvents(await reply)
  const priming = await first.next()
  await first.cancel()
  for (let n = 1; n < count / 2; n++) await progress(exchange, n)
  const second = await resume(node, session, priming?.id)
  const rest = second.rest()
  for (let n = count / 2; n < count; n++) await progress(exchange, n)
  await answer(exchange)
  t.strictSame(values((await rest).slice(0, -1)), Array.from({ length: count }, (_, n) => n))
})

t.test('C-26, C-29, users row 20: beyond what was trimmed a client gets its response; what is kept has no gap', async t => {
  const { application, requests } = puppet()
  const node = await startApp(t, { application, limits: { eventsPerSession: 10 } })
  const session = await node.initialize()
  const reply = node.open(call('work'), session)
  const exchange = await requests.next()
  for (let n = 1; n <= 30; n++) await progress(exchange, n)
  await answer(exchange, { done: true })
  const events = await readEvents(await reply).rest()
  const [priming] = events
  t.strictSame(await (await resume(node, session, priming?.id)).rest(), events.slice(-1))
  const kept = await (await resume(node, session, events.at(-11)?.id)).rest()
  t.strictSame(kept, events.slice(-10))
})

t.test('C-29: bounded by bytes and by age, and gone with the session', async t => {
  const { application, requests } = puppet()
  const node = await startApp(t, { application, limits: { eventBytesPerSession: 10_000, eventAgeMs: 300 } })
  const session = await node.initialize()
  const work = async (sizes: number[]): Promise<Event[]> => {
    const reply = node.open(call('work'), session)
    const exchange = await requests.next()
    for (const size of sizes) await progress(exchange, size, { filler: 'x'.repeat(size) })
    await answer(exchange)
    return readEvents(await reply).rest()
  }
  const large = await work([4000, 4000, 4000])
  t.equal((await (await resume(node, session, large[0]?.id)).rest()).length, 1, 'bytes')

  const small = await work([1])
  t.equal((await get(node, session, { 'last-event-id': small[0]?.id ?? '' })).status, 200)
  const isLost = async (): Promise<boolean> => {
    const [event] = await (await resume(node, session, small[0]?.id)).rest()
    return event?.message?.error?.code === -32603 && event.message.id === 1
  }
  await until(isLost)

  const last = await work([1])
  const id = session['mcp-session-id'] ?? ''
  const [stream = ''] = (last[0]?.id ?? '').split('_')
  t.ok(await node.app.mcpStorage.events.read(id, stream, 0, 10))
  await remove(node, session)
  t.equal(await node.app.mcpStorage.events.read(id, stream, 0, 10), null, 'D-10: stored events are purged')
})

t.test('C-26, C-25, C-24: unknown, malformed and foreign event ids answer 400 and nothing else', async t => {
  const { application, requests } = puppet()
  const node = await startApp(t, { application })
  const session = await node.initialize()
  const reply = node.open(call('work'), session)
  const exchange = await requests.next()
  await progress(exchange, 1)
  await answer(exchange, { secret: true })
  const known = (await readEvents(await reply).rest()).at(0)?.id ?? ''
  const [stream = ''] = known.split('_')
  const ids = [
    'x', '_', '_1', '1', `${stream}`, `${stream}_`, `${stream}_-1`, `${stream}_3`, `${stream}_99999999999999999999`, `${stream}_1.5`,
    `${stream}_01`, `${stream}x_1`, 'standalone_7', '__proto___1', 'constructor_0', 'ü_1', 'x'.repeat(4000) + '_1', `${known}, ${known}`
  ]
  for (const id of ids) {
    const response = await get(node, session, { 'last-event-id': Buffer.from(id).toString('latin1') })
    t.equal(response.status, 400, `"${id.slice(0, 40)}"`)
    t.match(await response.json(), { jsonrpc: '2.0', error: { code: -32600, message: String } })
  }
  const other = await node.initialize()
  const foreign = await get(node, other, { 'last-event-id': known })
  t.equal(foreign.status, 400, 'an id of another session is unknown')
  t.notMatch(await foreign.text(), 'secret')
})

t.test('C-24, users row 20: a resumed stream shows nothing of any other', async t => {
  const { application, requests } = puppet()
  const node = await startApp(t, { application })
  const session = await node.initialize()
  const replies = [node.open(call('a'), session)]
  const a = await requests.next()
  replies.push(node.open(call('b'), session))
  const b = await requests.next()
  for (const value of [1, 2]) {
    await progress(a, value)
    await progress(b, value * 100)
  }
  await a.session?.send({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' })
  const priming: Event[] = []
  for (const reply of replies) {
    const reader = readEvents(await reply)
    const event = await reader.next()
    if (event !== undefined) priming.push(event)
    await reader.cancel()
  }
  await answer(b, { b: true })
  await answer(a, { a: true })
  t.strictSame(values(await (await resume(node, session, priming[0]?.id)).rest()), [1, 2, { a: true }])
  t.strictSame(values(await (await resume(node, session, priming[1]?.id)).rest()), [100, 200, { b: true }])
})

t.test('C-30, client quirk Cursor: whoever resumes last has the stream; the connection before is closed', async t => {
  const { application, requests } = puppet()
  const node = await startApp(t, { application })
  const session = await node.initialize()
  const reply = node.open(call('work'), session)
  const exchange = await requests.next()
  await progress(exchange, 1)
  const first = readEvents(await reply)
  const priming = await first.next()
  await first.next()
  const second = await resume(node, session, priming?.id)
  t.equal(await first.next(), undefined, 'the live connection was closed')
  const third = await resume(node, session, priming?.id)
  t.strictSame(values(await second.rest()).filter(value => value !== 1), [], 'closed, whether or not it had got anything')
  await progress(exchange, 2)
  await answer(exchange, { done: true })
  t.strictSame(values(await third.rest()), [1, 2, { done: true }])
})

t.test('C-27: a message is stored before it is written', async t => {
  const memory = memoryStorage()
  const gate = signalled()
  let gated = false
  const storage: Storage = {
    ...memory,
    events: {
      open: (...args) => memory.events.open(...args),
      read: (...args) => memory.events.read(...args),
      deleteSession: (...args) => memory.events.deleteSession(...args),
      append: async (...args) => {
        if (gated) await gate.promise
        return memory.events.append(...args)
      }
    }
  }
  const { application, requests } = puppet()
  const node = await startApp(t, { application }, {}, app => app.register(mcpStorage, { storage }))
  const session = await node.initialize()
  const reply = node.open(call('work'), session)
  const exchange = await requests.next()
  gated = true
  await progress(exchange, 1)
  await progress(exchange, 2)
  const reader = readEvents(await reply)
  t.equal((await reader.next())?.data, '')
  let arrived = false
  const next = reader.next().then(event => {
    arrived = true
    return event
  })
  t.same((await node.rpc(call('ping'), session)).message.result, {})
  t.notOk(arrived, 'nothing is written while the store has not taken it')
  gate.resolve()
  t.strictSame((await next)?.message.params?.progress, 1)
  await answer(exchange, { done: true })
  t.strictSame(values(await reader.rest()), [2, { done: true }], 'in order')
})

t.test('C-24: the standalone stream resumes as well', async t => {
  const { application, requests } = puppet()
  const node = await startApp(t, { application })
  const session = await node.initialize()
  node.open(call('work'), session).catch(() => {})
  const exchange = await requests.next()
  const first = await listen(node, session)
  await first.next()
  for (const uri of ['a', 'b', 'c']) await exchange.session?.send({ jsonrpc: '2.0', method: 'notifications/resources/updated', params: { uri } })
  const seen = await first.next()
  await first.cancel()
  await exchange.session?.send({ jsonrpc: '2.0', method: 'notifications/resources/updated', params: { uri: 'd' } })
  const second = await resume(node, session, seen?.id)
  const got: unknown[] = []
  while (got.length < 3) got.push((await second.next())?.message.params?.uri)
  t.strictSame(got, ['b', 'c', 'd'])
  await answer(exchange)
})
