import t from 'tap'
import { StreamableHttpClient } from '../src/index.ts'
import { INITIALIZE, INITIALIZE_RESULT, RECONNECT, listen, modern, notification, request, shakeHands } from './lib/client.ts'
import { serve, type Seen } from './lib/server.ts'

const OPTIONS = { reconnect: { ...RECONNECT, attempts: 50 }, standaloneStream: false }

/** Closes each connection: a pooled one that the server gave up is another matter. */
function answer (seen: Seen): void {
  seen.response.shouldKeepAlive = false
  if (seen.what === 'initialize') seen.result(INITIALIZE_RESULT)
  else if (seen.body.id === undefined) seen.status(202)
  else seen.result()
}

t.test('messages sent while the server is away wait, in order, and arrive once when it is back', async t => {
  const server = await serve(t, answer)
  const heard = await listen(t, new StreamableHttpClient(server.url, OPTIONS))
  await shakeHands(heard)
  await server.stop()
  const before = server.seen.length
  const sent = Array.from({ length: 20 }, (_, n) => heard.client.send(n % 2 === 0 ? notification(`n${n}`) : request(n, `r${n}`)))
  await heard.reaches('reconnecting')
  await server.restart()
  await Promise.all(sent)
  await heard.reaches('open')
  t.strictSame(server.whats().slice(before), Array.from({ length: 20 }, (_, n) => n % 2 === 0 ? `n${n}` : `r${n}`))
  t.match(heard.states, ['open', 'reconnecting', 'open'])
})

t.test('what waits is dropped when the budget is used up, and each sender is told', async t => {
  const server = await serve(t, answer)
  const heard = await listen(t, new StreamableHttpClient(server.url, { ...OPTIONS, reconnect: RECONNECT }))
  await shakeHands(heard)
  await server.stop()
  const sent = await Promise.allSettled([1, 2, 3].map(id => heard.client.send(request(id, 'x'))))
  t.match(sent, [1, 2, 3].map(() => ({ status: 'rejected', reason: { code: 'MCP_CLIENT_GAVE_UP' } })))
  await server.restart()
  await t.resolves(heard.client.send(request(4, 'x')), 'and later ones have their own try')
})

t.test('the queue is bounded by messages and by characters', async t => {
  const server = await serve(t, answer)
  const heard = await listen(t, new StreamableHttpClient(server.url, { ...OPTIONS, queue: { messages: 3, characters: 1_000 } }))
  await shakeHands(heard)
  await server.stop()
  const first = heard.client.send(notification('first'))
  await heard.reaches('reconnecting')
  const others = [heard.client.send(notification('a')), heard.client.send(notification('b'))]
  await t.rejects(heard.client.send(notification('c')), { code: 'MCP_CLIENT_QUEUE_FULL' })
  await server.restart()
  await Promise.all([first, ...others])
  await server.stop()
  const again = heard.client.send(notification('first'))
  await heard.reaches('reconnecting')
  await t.rejects(heard.client.send(notification('x'.repeat(1_000))), { code: 'MCP_CLIENT_QUEUE_FULL' })
  const closed = t.rejects(again, { code: 'MCP_CLIENT_CLOSED' }, 'closing tells those who wait')
  await heard.client.close()
  await closed
})

t.test('a server that was never there is an error at once', async t => {
  const server = await serve(t, answer)
  await server.stop()
  const heard = await listen(t, new StreamableHttpClient(server.url, OPTIONS))
  await t.rejects(heard.client.send(INITIALIZE), { code: 'MCP_CLIENT_UNREACHABLE' })
  t.equal(heard.client.state, 'connecting')
})

t.test('I-26: 503 with Retry-After is waited out; no message overtakes', async t => {
  let refusals = 0
  const server = await serve(t, seen => {
    if (seen.what === 'a' && refusals++ === 0) seen.status(503, { 'retry-after': '1' })
    else answer(seen)
  })
  const heard = await listen(t, new StreamableHttpClient(server.url, { ...OPTIONS, reconnect: { ...RECONNECT, maxMs: 5_000 } }))
  await shakeHands(heard)
  const started = performance.now()
  const first = heard.client.send(request(1, 'a'))
  await heard.reaches('reconnecting')
  await Promise.all([first, heard.client.send(request(2, 'b'))])
  const waited = performance.now() - started
  t.ok(waited >= 990 && waited < 2_500, `waited ${waited} ms`)
  t.strictSame(server.whats().slice(-3), ['a', 'a', 'b'])
})

t.test('I-26: 429 concerns its message alone: it is sent again after Retry-After, and the others are sent meanwhile', async t => {
  let refusals = 0
  const server = await serve(t, seen => {
    if (seen.what === 'a' && refusals++ < 2) seen.status(429, { 'retry-after': '1' })
    else answer(seen)
  })
  const heard = await listen(t, new StreamableHttpClient(server.url, { ...OPTIONS, reconnect: { ...RECONNECT, maxMs: 5_000 } }))
  await shakeHands(heard)
  const started = performance.now()
  let first = false
  const refused = heard.client.send(request(1, 'a')).then(() => { first = true })
  for (const id of [2, 3, 4]) await heard.client.send(request(id, 'b'))
  t.notOk(first, 'the others were faster')
  t.ok(performance.now() - started < 900, 'and did not wait')
  await refused
  t.ok(performance.now() - started >= 1_990, 'both times as long as the server said')
  t.strictSame(server.whats().slice(-6), ['a', 'b', 'b', 'b', 'a', 'a'])
  t.strictSame(heard.states, ['open'], 'the connection had no trouble')
})

t.test('I-26: messages that were refused count for the bounds of the queue, and closing tells their senders', async t => {
  const server = await serve(t, seen => seen.what === 'x' ? seen.status(429, { 'retry-after': '60' }) : answer(seen))
  const options = { ...OPTIONS, queue: { messages: 2 }, reconnect: { ...RECONNECT, maxMs: 120_000 } }
  const heard = await listen(t, new StreamableHttpClient(server.url, options))
  await shakeHands(heard)
  const waiting = [1, 2].map(id => heard.client.send(request(id, 'x')))
  await server.until('x', 2)
  const settled = Promise.allSettled(waiting)
  await t.rejects(heard.client.send(request(3, 'x')), { code: 'MCP_CLIENT_QUEUE_FULL' })
  await heard.client.close()
  t.match(await settled, [1, 2].map(() => ({ status: 'rejected', reason: { code: 'MCP_CLIENT_CLOSED' } })))
})

t.test('I-26: a server that asks to wait forever is given up; 503 without Retry-After is not repeated', async t => {
  const server = await serve(t, seen => seen.status(seen.what === 'server/discover' ? 429 : 503, {}, 'busy'))
  const heard = await listen(t, new StreamableHttpClient(server.url, { ...OPTIONS, reconnect: RECONNECT }))
  await t.rejects(heard.client.send(modern(1, 'server/discover')), { code: 'MCP_CLIENT_GAVE_UP', cause: { code: 'MCP_CLIENT_THROTTLED' } }, 'also before it ever answered')
  t.equal(server.seen.length, RECONNECT.attempts + 1)
  await t.rejects(heard.client.send(modern(2, 'tools/call', { name: 'x' })), { code: 'MCP_CLIENT_HTTP_STATUS', status: 503, body: 'busy' })
  t.equal(server.seen.length, RECONNECT.attempts + 2)
})

t.test('a message whose connection breaks before an answer is not sent twice', async t => {
  let lists = 0
  const server = await serve(t, seen => {
    if (seen.what === 'tools/call' || seen.what === 'notifications/x' || (seen.what === 'tools/list' && ++lists === 1)) seen.response.destroy()
    else answer(seen)
  })
  const heard = await listen(t, new StreamableHttpClient(server.url, OPTIONS))
  await shakeHands(heard)
  await t.rejects(heard.client.send(request(1, 'tools/call')), { code: 'MCP_CLIENT_CONNECTION_LOST' })
  await t.rejects(heard.client.send(notification('notifications/x')), { code: 'MCP_CLIENT_CONNECTION_LOST' })
  await heard.client.send(request(2, 'tools/list'))
  t.match(await heard.answer(2), { result: {} }, 'unless it only reads')
  t.strictSame(server.whats().slice(2), ['tools/call', 'notifications/x', 'tools/list', 'tools/list'])
})

t.test('a request that waits can be cancelled, and is then not sent', async t => {
  const server = await serve(t, answer)
  const heard = await listen(t, new StreamableHttpClient(server.url, OPTIONS))
  await shakeHands(heard)
  await server.stop()
  const abort = new AbortController()
  const cancelled = heard.client.send(request(1, 'cancelled'), { requestSignal: abort.signal })
  await heard.reaches('reconnecting')
  const kept = heard.client.send(request(2, 'kept'))
  abort.abort()
  await server.restart()
  await t.rejects(cancelled, { code: 'MCP_CLIENT_ABORTED' })
  await kept
  t.strictSame(server.whats().slice(-1), ['kept'])
})
