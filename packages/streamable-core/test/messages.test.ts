import t from 'tap'
import { answering, call, modern, readEvents, signalled, startApp } from './helper.ts'

/** Answers `test/meet` once `count` of them are running: with what each was sent, last one first. */
function meeting (count: number): ReturnType<typeof answering> {
  const waiting: Array<() => void> = []
  return answering({
    'test/meet': async ({ message }) => {
      await new Promise<void>(resolve => {
        waiting.push(resolve)
        if (waiting.length === count) for (const go of waiting.reverse()) go()
      })
      return { given: message.params?.given }
    }
  })
}

t.test('A-4: two requests in flight with one id in one session each get their own result', async t => {
  const { rpc, initialize } = await startApp(t, { application: meeting(3) })
  const session = await initialize()
  const answers = await Promise.all(['a', 'b', 'c'].map(given => rpc(call('test/meet', { given }), session)))
  t.strictSame(answers.map(answer => answer.message), ['a', 'b', 'c'].map(given => ({ jsonrpc: '2.0', id: 1, result: { given } })))
})

t.test('A-4: without a session, in both eras and in all of them at once', async t => {
  const { rpc } = await startApp(t, { application: meeting(4), sessions: false })
  const answers = await Promise.all([
    rpc(call('test/meet', { given: 'a' })), rpc(...modern('test/meet', { given: 'b' })),
    rpc(...modern('test/meet', { given: 'c' })), rpc(call('test/meet', { given: 'd' }))
  ])
  t.strictSame(answers.map(answer => answer.message.result?.given), ['a', 'b', 'c', 'd'])
})

t.test('A-4: notifications of equal ids stay on their own streams', async t => {
  const both = signalled()
  let running = 0
  const application = answering({
    'test/talk': async exchange => {
      if (++running === 2) both.resolve()
      await both.promise
      const { given } = exchange.message.params ?? {}
      for (const progress of [1, 2]) {
        await exchange.send({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 't', progress, message: given } })
      }
      return { given }
    }
  })
  const { rpc, initialize } = await startApp(t, { application })
  const session = await initialize()
  const answers = await Promise.all(['a', 'b'].map(given => rpc(call('test/talk', { given }), session)))
  t.strictSame(answers.map(answer => answer.messages.map(({ params, result }) => params?.message ?? result?.given)), [['a', 'a', 'a'], ['b', 'b', 'b']])
})

t.test('A-4, A-58: a cancellation of an ambiguous id ends every request that carries it, in its session alone', async t => {
  const aborted: unknown[] = []
  const running = signalled()
  let count = 0
  const application = answering({
    'test/wait': exchange => {
      exchange.signal.addEventListener('abort', () => aborted.push(exchange.message.params?.given))
      if (++count === 3) running.resolve()
      return undefined
    }
  })
  const { open, rpc, initialize } = await startApp(t, { application })
  const [mine, other] = [await initialize(), await initialize()]
  const replies = ['a', 'b'].map(given => rpc(call('test/wait', { given }), mine))
  const elsewhere = new AbortController()
  const kept = open(call('test/wait', { given: 'c' }), other, elsewhere.signal)
  kept.catch(() => {})
  await running.promise
  const cancelled = await rpc({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1, reason: 'enough' } }, mine)
  t.equal(cancelled.status, 202)
  for (const reply of await Promise.all(replies)) t.strictSame(reply.messages, [], 'no response follows')
  t.strictSame(aborted.sort(), ['a', 'b'])
  elsewhere.abort()
})

t.test('A-35, A-6: an accepted notification is 202, without body and content type', async t => {
  const seen: string[] = []
  const { rpc, initialize, logs } = await startApp(t, {
    application: async exchange => {
      const { message } = exchange
      if (!('method' in message)) return
      if ('id' in message) {
        return exchange.send({ jsonrpc: '2.0', id: message.id, result: { protocolVersion: '2025-11-25', capabilities: {}, serverInfo: {} } })
      }
      seen.push(message.method)
      await exchange.send({ jsonrpc: '2.0', id: 1, result: { unasked: true } })
    }
  })
  const session = await initialize()
  for (const [body, headers] of [
    [{ jsonrpc: '2.0', method: 'notifications/roots/list_changed' }, session],
    [{ jsonrpc: '2.0', method: 'notifications/unheard/of', params: {} }, session]
  ] as const) {
    const answer = await rpc(body, headers)
    t.equal(answer.status, 202)
    t.equal(answer.text, '')
    t.equal(answer.headers.get('content-type'), null)
    t.equal(answer.headers.get('content-length') ?? '0', '0')
  }
  t.strictSame(seen, ['notifications/initialized', 'notifications/roots/list_changed', 'notifications/unheard/of'])
  t.match(logs.filter(line => line.msg === 'message dropped'), { length: 3 }, 'an answer to a notification goes nowhere')
})

t.test('A-35: a notification that is not accepted is 4xx with an error without id', async t => {
  const { rpc } = await startApp(t)
  const answer = await rpc({ jsonrpc: '2.0', method: 'notifications/initialized' }, { 'mcp-session-id': 'unknown' })
  t.equal(answer.status, 404)
  t.strictSame(Object.keys(answer.message), ['jsonrpc', 'error'])
})

t.test('A-37, A-35: a posted response nobody waits for is 202 and dropped', async t => {
  const seen: unknown[] = []
  const inner = answering()
  const { rpc, initialize } = await startApp(t, { application: exchange => { seen.push(exchange.message); return inner(exchange) } })
  const session = await initialize()
  seen.length = 0
  for (const response of [
    { jsonrpc: '2.0', id: 1, result: {} }, { jsonrpc: '2.0', id: 'a.1', result: {} }, { jsonrpc: '2.0', id: 99, error: { code: -32603, message: 'x' } },
    { jsonrpc: '2.0', error: { code: -32700, message: 'no id' } }, { jsonrpc: '2.0', id: null, error: { code: -32700, message: 'null id' } },
    { jsonrpc: '2.0', id: '0123456789ab.1', result: {} }
  ]) {
    const answer = await rpc(response, session)
    t.equal(answer.status, 202, JSON.stringify(response))
    t.equal(answer.text, '')
  }
  t.strictSame(seen, [])
})

t.test('A-58: cancellations that fit nothing are accepted and ignored', async t => {
  const { rpc, initialize } = await startApp(t)
  const session = await initialize()
  for (const params of [{ requestId: 404 }, { requestId: null }, { requestId: {} }, {}, undefined, { requestId: 1, reason: 5 }]) {
    const answer = await rpc({ jsonrpc: '2.0', method: 'notifications/cancelled', params }, session)
    t.equal(answer.status, 202, JSON.stringify(params))
  }
  t.equal((await rpc(call('ping'), session)).status, 200)
})

t.test('A-58: of two running requests only the named one stops', async t => {
  const running = signalled()
  const finish = signalled()
  const application = answering({
    'test/wait': async exchange => {
      if (exchange.message.id === '2') running.resolve()
      await finish.promise
      return { aborted: exchange.signal.aborted }
    }
  })
  const { rpc, initialize } = await startApp(t, { application })
  const session = await initialize()
  const number = rpc(call('test/wait', {}, 2), session)
  const string = rpc(call('test/wait', {}, '2'), session)
  await running.promise
  await rpc({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 2 } }, session)
  t.strictSame((await number).messages, [], 'the number')
  finish.resolve()
  t.strictSame((await string).message.result, { aborted: false }, 'not the string')
})

t.test('A-41, A-42, A-8: errors and failed tools of the application travel with 200 in the legacy era, as they are', async t => {
  const application = answering({
    'tools/call': async exchange => {
      const { id, params } = exchange.message
      if (params?.name !== 'unknown') return { isError: true, content: [{ type: 'text', text: 'disk full' }] }
      await exchange.send({ jsonrpc: '2.0', id, error: { code: -32602, message: 'Unknown tool', data: { name: 'unknown' } } })
      return undefined
    },
    'resources/read': ({ message }) => { throw new Error(String(message.id)) }
  })
  const { rpc, initialize } = await startApp(t, { application })
  const session = await initialize()
  const unknownMethod = await rpc(call('no/such'), session)
  t.equal(unknownMethod.status, 200)
  t.equal(unknownMethod.message.error?.code, -32601)
  const unknownTool = await rpc(call('tools/call', { name: 'unknown' }), session)
  t.equal(unknownTool.status, 200)
  t.strictSame(unknownTool.message.error, { code: -32602, message: 'Unknown tool', data: { name: 'unknown' } })
  const failed = await rpc(call('tools/call', { name: 'x' }), session)
  t.equal(failed.status, 200)
  t.strictSame(failed.message.result, { isError: true, content: [{ type: 'text', text: 'disk full' }] })
  t.equal((await rpc(call('resources/read', { uri: 'a:b' }), session)).status, 200, 'an internal error too')
})

t.test('A-42: in the modern era an unknown tool is -32602 and a failed one a result', async t => {
  const application = answering({
    'tools/call': async exchange => {
      const { id, params } = exchange.message
      if (params?.name === 'broken') return { isError: true, content: [] }
      await exchange.send({ jsonrpc: '2.0', id, error: { code: -32602, message: 'Unknown tool' } })
      return undefined
    }
  })
  const { rpc } = await startApp(t, { application })
  t.match((await rpc(...modern('tools/call', { name: 'unknown' }))).message.error, { code: -32602 })
  const broken = await rpc(...modern('tools/call', { name: 'broken' }))
  t.equal(broken.status, 200)
  t.match(broken.message.result, { isError: true, resultType: 'complete' })
})

t.test('A-43: ping is answered while another request runs; the modern era does not know it', async t => {
  const finish = signalled()
  const { open, rpc, initialize } = await startApp(t, { application: answering({ 'test/wait': async () => { await finish.promise; return {} } }), keepAliveMs: 30 })
  const session = await initialize()
  const stream = await open(call('test/wait', {}, 'slow'), session)
  t.strictSame((await rpc(call('ping'), session)).message, { jsonrpc: '2.0', id: 1, result: {} })
  const gone = await rpc(...modern('ping'))
  t.equal(gone.status, 404)
  t.match(gone.message, { id: 1, error: { code: -32601 } })
  finish.resolve()
  t.strictSame((await readEvents(stream).rest()).filter(event => event.data !== '').map(event => event.message.id), ['slow'])
})

t.test('A-36, B-7: in the modern era a response cannot be posted', async t => {
  const { rpc } = await startApp(t)
  for (const response of [{ jsonrpc: '2.0', id: 1, result: {} }, { jsonrpc: '2.0', id: 1, error: { code: 1, message: 'x' } }]) {
    const answer = await rpc(response, { 'mcp-protocol-version': '2026-07-28' })
    t.equal(answer.status, 400)
    t.equal(answer.message.error?.code, -32600)
  }
})

t.test('A-3: requests to a client have ids of their own, also where the application repeats itself', async t => {
  const application = answering({
    'test/ask': async exchange => {
      await exchange.send({ jsonrpc: '2.0', id: 1, method: 'roots/list' })
      return {}
    }
  })
  const { rpc, initialize } = await startApp(t, { application })
  const session = await initialize('2025-11-25', { roots: {} })
  const ids = new Set<unknown>()
  for (let round = 0; round < 20; round++) {
    const { messages } = await rpc(call('test/ask', {}, round % 2), session)
    ids.add(messages.find(message => message.method === 'roots/list')?.id)
  }
  t.equal(ids.size, 20)
})
