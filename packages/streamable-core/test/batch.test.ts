import t from 'tap'
import { answering, call, MODERN, modern, readEvents, signalled, startApp } from './helper.ts'

const note = { jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 1, progress: 1 } }
const late = { jsonrpc: '2.0', id: 404, result: {} }

/** An application that keeps what it was asked, and says something before the answer where it is told to. */
function recording (): { seen: unknown[], application: ReturnType<typeof answering> } {
  const seen: unknown[] = []
  const inner = answering({
    'test/echo': async exchange => {
      const { params } = exchange.message
      if (params?.talk === true) await exchange.send({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: params.n } })
      return { n: params?.n }
    }
  })
  return { seen, application: exchange => { seen.push(exchange.message); return inner(exchange) } }
}

for (const version of ['2025-03-26', '2024-11-05']) {
  t.test(`A-15, A-17, A-21: a session of ${version} takes arrays of requests, notifications and responses`, async t => {
    const { seen, application } = recording()
    const { rpc, initialize } = await startApp(t, { application })
    const session = await initialize(version)
    seen.length = 0
    const requests = await rpc([call('test/echo', { n: 1 }, 'a'), note, late, call('test/echo', { n: 2 }, 'b'), call('no/such', {}, 'c')], session)
    t.equal(requests.status, 200)
    t.match(requests.headers.get('content-type'), /^application\/json/)
    t.ok(Array.isArray(JSON.parse(requests.text)))
    t.match(requests.messages.sort((a, b) => String(a.id) < String(b.id) ? -1 : 1), [
      { jsonrpc: '2.0', id: 'a', result: { n: 1 } }, { jsonrpc: '2.0', id: 'b', result: { n: 2 } }, { jsonrpc: '2.0', id: 'c', error: { code: -32601 } }
    ])
    t.equal(seen.length, 4, 'a response nobody waits for is dropped')

    const single = await rpc([call('test/echo', { n: 1 })], session)
    t.match(JSON.parse(single.text), [{ id: 1, result: { n: 1 } }], 'an array answers an array')
    for (const silent of [[note], [note, note], [late], [note, late]]) {
      const accepted = await rpc(silent, session)
      t.equal(accepted.status, 202)
      t.equal(accepted.text, '')
      t.equal(accepted.headers.get('content-type'), null)
    }
  })
}

t.test('A-17: one stream carries every response of a batch, then ends', async t => {
  const { rpc, initialize } = await startApp(t, { application: recording().application })
  const session = await initialize('2025-03-26')
  const answer = await rpc([call('test/echo', { n: 1 }, 'a'), call('test/echo', { n: 2, talk: true }, 'b'), call('test/echo', { n: 3 }, 'c')], session)
  t.equal(answer.headers.get('content-type'), 'text/event-stream')
  t.strictSame(answer.messages.filter(message => 'id' in message).map(message => [message.id, message.result?.n]).sort(), [['a', 1], ['b', 2], ['c', 3]])
  t.equal(answer.messages.filter(message => message.method === 'notifications/message').length, 1)
})

t.test('A-17, A-30: a client that takes JSON alone gets an array, one that takes streams alone a stream', async t => {
  const { rpc, initialize } = await startApp(t, { application: recording().application })
  const session = await initialize('2025-03-26')
  const batch = [call('test/echo', { n: 1, talk: true }, 'a'), call('test/echo', { n: 2 }, 'b')]
  const json = await rpc(batch, { ...session, accept: 'application/json' })
  t.strictSame(json.messages.map(message => message.id).sort(), ['a', 'b'])
  const stream = await rpc(batch, { ...session, accept: 'text/event-stream' })
  t.equal(stream.headers.get('content-type'), 'text/event-stream')
  t.equal(stream.messages.length, 3)
})

t.test('A-4, A-17: equal ids in one batch each get their result', async t => {
  const { rpc, initialize } = await startApp(t, { application: recording().application })
  const session = await initialize('2025-03-26')
  const answer = await rpc([call('test/echo', { n: 1 }), call('test/echo', { n: 2 })], session)
  t.strictSame(answer.messages.map(message => [message.id, message.result?.n]), [[1, 1], [1, 2]])
})

t.test('A-17, A-58: cancelled requests of a batch are left out, the rest is answered', async t => {
  const running = signalled()
  const finish = signalled()
  const application = answering({
    'test/wait': async ({ message }) => {
      if (message.id === 'b') running.resolve()
      await finish.promise
      return {}
    }
  })
  const { open, rpc, initialize } = await startApp(t, { application, keepAliveMs: 60_000 })
  const session = await initialize('2025-03-26')
  const cancel = (requestId: string): unknown => rpc({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId } }, session)
  const reply = open([call('test/wait', {}, 'a'), call('test/wait', {}, 'b')], session)
  await running.promise
  await cancel('a')
  finish.resolve()
  t.strictSame(await (await reply).json(), [{ jsonrpc: '2.0', id: 'b', result: {} }])
})

t.test('A-58, C-9: a batch whose requests were all cancelled comes to an end', async t => {
  const running = signalled()
  const { open, rpc, initialize } = await startApp(t, { application: answering({ 'test/wait': () => { running.resolve(); return undefined } }) })
  const session = await initialize('2025-03-26')
  const reply = open([call('test/wait', {}, 'a'), call('test/wait', {}, 'a')], session)
  await running.promise
  await rpc({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'a' } }, session)
  t.strictSame((await readEvents(await reply).rest()).filter(event => event.data !== ''), [])
})

t.test('A-16: initialize in a batch is 400', async t => {
  const { seen, application } = recording()
  const { rpc } = await startApp(t, { application })
  const initialize = call('initialize', { protocolVersion: '2025-03-26', capabilities: {}, clientInfo: { name: 'x', version: '1' } }, 0)
  for (const batch of [[initialize, call('ping')], [call('ping'), initialize], [initialize]]) {
    const answer = await rpc(batch)
    t.equal(answer.status, 400)
    t.equal(answer.message.error?.code, -32600)
    t.equal(answer.headers.get('mcp-session-id'), null)
  }
  t.strictSame(seen, [])
})

t.test('A-18, B-6: an empty array is 400, with and without session, in every era', async t => {
  const { rpc, initialize } = await startApp(t)
  for (const headers of [{}, await initialize('2025-03-26'), await initialize(), { 'mcp-protocol-version': MODERN }]) {
    const answer = await rpc([], headers)
    t.equal(answer.status, 400)
    t.equal(answer.message.error?.code, -32600)
    t.notOk('id' in answer.message)
  }
})

t.test('A-19: an array is 400 where the negotiated revision has no batches', async t => {
  const { seen, application } = recording()
  const { rpc, initialize } = await startApp(t, { application })
  for (const version of ['2025-06-18', '2025-11-25']) {
    const session = await initialize(version)
    seen.length = 0
    for (const headers of [session, { 'mcp-session-id': session['mcp-session-id'] ?? '' }, { ...session, 'mcp-protocol-version': '2025-03-26' }]) {
      for (const batch of [[call('ping')], [note], [late]]) {
        const answer = await rpc(batch, headers)
        t.equal(answer.status, 400, 'the session knows its version, whatever the header says')
        t.equal(answer.message.error?.code, -32600)
      }
    }
    t.strictSame(seen, [])
  }
})

t.test('A-19, A-53, B-27: without sessions the header decides, and without a header it is 2025-03-26', async t => {
  const { rpc } = await startApp(t, { sessions: false })
  t.equal((await rpc([call('ping')])).status, 200)
  t.equal((await rpc([call('ping')], { 'mcp-protocol-version': '2025-03-26' })).status, 200)
  for (const version of ['2025-06-18', '2025-11-25']) {
    t.equal((await rpc([call('ping')], { 'mcp-protocol-version': version })).status, 400, version)
  }
})

t.test('A-20, B-6: an array with a modern header or an element of the modern era is 400, and nothing of it runs', async t => {
  const { seen, application } = recording()
  const { rpc, initialize } = await startApp(t, { application })
  const session = await initialize('2025-03-26')
  seen.length = 0
  const [claimed, headers] = modern('tools/list')
  for (const [batch, sent] of [
    [[claimed], headers], [[claimed, claimed], {}], [[call('ping'), claimed], session], [[call('ping')], headers],
    [[call('ping')], { ...session, 'mcp-protocol-version': 'v999' }], [[note, { ...note, params: claimed.params }], session]
  ] as const) {
    const answer = await rpc(batch, sent)
    t.equal(answer.status, 400)
    t.equal(answer.message.error?.code, -32600)
  }
  t.strictSame(seen, [])
  const modernOnly = await startApp(t, { revisions: [MODERN] })
  t.equal((await modernOnly.rpc([call('ping')])).status, 400)
})

t.test('B-6, A-22: one element that is no message refuses the whole batch before any of it runs', async t => {
  const { seen, application } = recording()
  const { rpc, initialize } = await startApp(t, { application })
  const session = await initialize('2025-03-26')
  seen.length = 0
  for (const bad of [null, 1, 'ping', {}, [], [call('ping')], { jsonrpc: '2.0', id: null, method: 'ping' }, { id: 1, method: 'ping' }]) {
    const answer = await rpc([call('ping'), bad], session)
    t.equal(answer.status, 400, JSON.stringify(bad))
    t.equal(answer.message.error?.code, -32600)
  }
  t.strictSame(seen, [])
})

t.test('A-22: a batch has a greatest length', async t => {
  const { rpc, initialize } = await startApp(t)
  const session = await initialize('2025-03-26')
  const many = (count: number): unknown[] => Array.from({ length: count }, (_, id) => call('ping', {}, id))
  t.equal((await rpc(many(50), session)).messages.length, 50)
  const over = await rpc(many(51), session)
  t.equal(over.status, 400)
  t.match(over.message.error, { code: -32600, message: /50/ })
  const small = await startApp(t, { limits: { batchLength: 2 } })
  const other = await small.initialize('2025-03-26')
  t.equal((await small.rpc(many(2), other)).status, 200)
  t.equal((await small.rpc(many(3), other)).status, 400)
})
