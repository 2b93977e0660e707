import t from 'tap'
import { call, initializeRequest, LEGACY, readEvents, startApp, type Event } from './helper.ts'
import { answer, ask, get, listen, progress, puppet, Queue, values, type Asked } from './session-client.ts'

t.test('C-1: a streamed reply is text/event-stream, one message per event, without a name', async t => {
  const { application, requests } = puppet()
  const { open, initialize } = await startApp(t, { application })
  const reply = open(call('work'), await initialize())
  const exchange = await requests.next()
  await progress(exchange, 1)
  const response = await reply
  t.equal(response.status, 200)
  t.match(response.headers.get('content-type'), /^text\/event-stream(;|$)/)
  await answer(exchange, { ok: true })
  const events = (await readEvents(response).rest()).filter(({ data }) => data !== '')
  t.strictSame(values(events), [1, { ok: true }])
  for (const { event, message } of events) {
    t.notOk(Array.isArray(message))
    t.ok(event === undefined || event === 'message')
  }
})

t.test('C-7, C-1: line breaks in a message stay inside its JSON, U+2028 and U+2029 stay as they are', async t => {
  const text = 'a\nb\r\nc\rd\u2028e\u2029f ü 日本 😀'
  const { application, requests } = puppet()
  const { open, initialize } = await startApp(t, { application, response: 'stream' })
  const reply = open(call('work'), await initialize())
  await answer(await requests.next(), { text })
  const raw = await (await reply).text()
  const data = raw.split('\n').filter(line => line.startsWith('data:') && line !== 'data:')
  t.equal(data.length, 1)
  t.ok(raw.includes('\u2028e\u2029f ü 日本 😀'))
  t.strictSame(JSON.parse(data[0]?.slice(5) ?? ''), { jsonrpc: '2.0', id: 1, result: { text } })
})

t.test('C-2, users row 6: no proxy may buffer, cache or transform a stream', async t => {
  const { application } = puppet()
  const node = await startApp(t, { application, response: 'stream' })
  const session = await node.initialize()
  for (const response of [await get(node, session), await node.open(initializeRequest())]) {
    t.equal(response.headers.get('x-accel-buffering'), 'no')
    t.equal(response.headers.get('cache-control'), 'no-cache, no-transform')
    t.equal(response.headers.get('connection'), 'keep-alive')
    await response.body?.cancel()
  }
})

t.test('C-3, C-6, users row 6: a comment at once and then again and again, on every stream', async t => {
  const { application, requests } = puppet()
  const node = await startApp(t, { application, keepAliveMs: 30 })
  const session = await node.initialize()
  const standalone = await get(node, session)
  const reply = node.open(call('work'), session)
  const exchange = await requests.next()
  await progress(exchange, 1)
  for (const response of [standalone, await reply]) {
    let text = ''
    const decoder = new TextDecoder()
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk)
      if (text.split(/^:/m).length > 4) break
    }
    t.match(text, /^:/, 'the first bytes are a comment')
    t.notMatch(text, /id:.*\n:/, 'comments carry no ids')
  }
  await answer(exchange)
})

for (const revision of ['2024-11-05', '2025-03-26', '2025-06-18'] as const) {
  t.test(`C-14, A-56: no priming event in ${revision}, event ids all the same`, async t => {
    const { application, requests } = puppet()
    const node = await startApp(t, { application })
    const reply = node.open(call('work'), await node.initialize(revision))
    const exchange = await requests.next()
    t.equal(exchange.revision, revision)
    await progress(exchange, 1)
    await answer(exchange, { done: true })
    const reader = readEvents(await reply)
    const events = await reader.rest()
    t.strictSame(values(events), [1, { done: true }])
    t.ok(events.every(({ id, data }) => id !== undefined && data !== ''))
    t.strictSame(reader.retries, [])
  })
}

t.test('C-14: from 2025-11-25 on a stream begins with an id, no data, and the time to wait', async t => {
  const { application, requests } = puppet()
  const node = await startApp(t, { application, retryMs: 777 })
  const session = await node.initialize(LEGACY)
  const reply = node.open(call('work'), session)
  const exchange = await requests.next()
  await progress(exchange, 1)
  const posted = readEvents(await reply)
  const standalone = await listen(node, session)
  for (const reader of [posted, standalone]) {
    const priming = await reader.next()
    t.equal(priming?.data, '')
    t.ok(priming?.id)
    t.strictSame(reader.retries, [777])
  }
  await answer(exchange)
})

t.test('C-14: a streamed initialize goes by the revision it asks for', async t => {
  const { open } = await startApp(t, { response: 'stream' })
  const primed = await readEvents(await open(initializeRequest(LEGACY))).rest()
  t.strictSame(primed.map(({ data }) => data === ''), [true, false])
  const older = await readEvents(await open(initializeRequest('2025-06-18'))).rest()
  t.strictSame(older.map(({ data }) => data === ''), [false])
})

t.test('C-9, A-17: a streamed batch carries the response of each request, then ends', async t => {
  const { application, requests } = puppet()
  const { open, initialize } = await startApp(t, { application })
  const reply = open([call('a', {}, 'a'), call('b', {}, 2), call('c', {}, 3)], await initialize('2025-03-26'))
  const asked = [await requests.next(), await requests.next(), await requests.next()]
  for (const exchange of asked.toReversed()) {
    await progress(exchange, Number(exchange.message.method.charCodeAt(0)))
    await answer(exchange)
  }
  const events = await readEvents(await reply).rest()
  const ids = events.filter(({ message }) => message.result !== undefined).map(({ message }) => message.id)
  t.strictSame(ids, [3, 2, 'a'])
})

t.test('C-16, C-17, A-4, users row 3: concurrent streams of one session never mix, equal ids or not', async t => {
  const { application, requests } = puppet()
  const node = await startApp(t, { application })
  const session = await node.initialize()
  const standalone = await listen(node, session)
  const count = 8
  const replies: Array<Promise<Response>> = []
  const asked: Asked[] = []
  for (let n = 0; n < count; n++) {
    replies.push(node.open(call('work', { n }, 1), session))
    asked.push(await requests.next())
  }
  for (const round of [1, 2, 3]) {
    for (const exchange of asked) await progress(exchange, round, { of: exchange.message.params?.n })
  }
  for (const exchange of asked.toReversed()) await answer(exchange, { of: exchange.message.params?.n })

  for (const [n, reply] of replies.entries()) {
    const events = (await readEvents(await reply).rest()).filter(({ data }) => data !== '')
    t.strictSame(events.map(({ message }) => message.params?.of ?? message.result?.of), [n, n, n, n])
  }
  await asked[0]?.session?.send({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' })
  const first = await standalone.next()
  t.equal(first?.data, '', 'priming')
  t.equal((await standalone.next())?.message.method, 'notifications/tools/list_changed', 'nothing of the requests came before')
})

t.test('C-33: a reply that takes longer than the keep-alive interval turns into a stream', async t => {
  const { application, requests } = puppet()
  const { open, initialize } = await startApp(t, { application, keepAliveMs: 30 })
  const response = await open(call('work'), await initialize())
  t.equal(response.headers.get('content-type'), 'text/event-stream')
  await answer(await requests.next(), { late: true })
  t.strictSame(values(await readEvents(response).rest()).at(-1), { late: true })
})

t.test('C-33: a response that comes first is plain JSON', async t => {
  const { application, requests } = puppet()
  const { rpc, initialize } = await startApp(t, { application })
  const reply = rpc(call('work'), await initialize())
  await answer(await requests.next(), { quick: true })
  const { headers, message } = await reply
  t.match(headers.get('content-type'), 'application/json')
  t.strictSame(message.result, { quick: true })
})

t.test('A-34: response "stream" streams every response', async t => {
  const { rpc, initialize } = await startApp(t, { response: 'stream' })
  const { headers, message } = await rpc(call('ping'), await initialize())
  t.equal(headers.get('content-type'), 'text/event-stream')
  t.strictSame(message.result, {})
})

t.test('A-34: response "json" never streams, however late or talkative the application', async t => {
  const { application, requests } = puppet()
  const { rpc, initialize, logs } = await startApp(t, { application, response: 'json', keepAliveMs: 10 })
  const session = await initialize()
  const reply = rpc(call('work'), session)
  const exchange = await requests.next()
  await progress(exchange, 1)
  await t.rejects(ask(exchange, 'sampling/createMessage', 1), { code: 'MCP_ENDPOINT_NO_CLIENT_REQUESTS' })
  await t.resolves(rpc(call('ping'), session))
  await answer(exchange, { ok: true })
  const { headers, message } = await reply
  t.match(headers.get('content-type'), 'application/json')
  t.strictSame(message.result, { ok: true })
  t.ok(logs.some(({ dropped, reason }) => dropped === 'notifications/progress' && typeof reason === 'string'))
})

t.test('C-22, C-23: event ids are unique in the session and name their stream', async t => {
  const { application, requests } = puppet()
  const node = await startApp(t, { application })
  const session = await node.initialize()
  const seen = new Set<string>()
  const perStream = new Queue<Event[]>()
  for (const n of [1, 2, 3]) {
    const reply = node.open(call('work', {}, n), session)
    const exchange = await requests.next()
    for (const value of [1, 2, 3]) await progress(exchange, value)
    await answer(exchange)
    perStream.push(await readEvents(await reply).rest())
  }
  for (let n = 0; n < 3; n++) {
    const ids = (await perStream.next()).map(({ id }) => id ?? '')
    t.equal(new Set(ids.map(id => id.slice(0, id.lastIndexOf('_')))).size, 1, 'one stream, one prefix')
    for (const id of ids) {
      t.notMatch(id, /[\r\n\0]/)
      t.notOk(seen.has(id))
      seen.add(id)
    }
  }
})
