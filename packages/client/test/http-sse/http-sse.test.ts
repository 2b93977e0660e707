import type { ServerResponse } from 'node:http'
import t from 'tap'
import { HttpSseClient, McpClientError } from '../../src/index.ts'
import { INITIALIZE, INITIALIZE_RESULT, RECONNECT, listen, notification, request, shakeHands } from '../lib/client.ts'
import { event, serve, type Script, type Seen } from '../lib/server.ts'
import type { Test } from 'tap'

const OPTIONS = { reconnect: RECONNECT }

interface Old extends Script {
  readonly streams: ServerResponse[]
  stream (): ServerResponse
}

const plain = (seen: Seen, stream: ServerResponse): void => { stream.write(seen.event()) }

/** A server of 2024-11-05: answers go on the newest stream. */
async function old (t: Test, answer: (seen: Seen, stream: ServerResponse) => void = plain): Promise<Old> {
  const streams: ServerResponse[] = []
  const stream = (): ServerResponse => {
    const last = streams.at(-1)
    if (last === undefined) throw new Error('no stream')
    return last
  }
  const server = await serve(t, seen => {
    if (seen.method === 'GET') {
      streams.push(seen.stream(`event: endpoint\ndata: /messages?id=${streams.length + 1}\n\n`))
      return
    }
    if (seen.path !== `/messages?id=${streams.length}`) return seen.status(404)
    seen.status(202, {}, 'Accepted')
    if (seen.what === 'initialize') stream().write(seen.event({ ...INITIALIZE_RESULT, protocolVersion: '2024-11-05' }))
    else if (seen.body.id !== undefined) answer(seen, stream())
  })
  return { ...server, streams, stream }
}

t.test('F-2, F-3, F-4: messages go to the announced endpoint, answers come on the stream', async t => {
  const server = await old(t)
  const heard = await listen(t, new HttpSseClient(server.url, OPTIONS))
  t.equal(heard.client.state, 'open')
  await shakeHands(heard)
  await heard.client.send(request(1, 'tools/list'))
  t.match(await heard.answer(1), { result: {} })
  server.stream().write('event: message\ndata: {"jsonrpc":"2.0","method":"notifications/message"}\n\nevent: other\ndata: {}\n\n: comment\n\n')
  await heard.message(({ method }) => method === 'notifications/message')
  t.strictSame(server.seen.map(({ method, path }) => `${method} ${path}`), ['GET /mcp', ...Array(3).fill('POST /messages?id=1')])
  t.notOk(server.seen.at(-1)?.headers['mcp-protocol-version'], 'which that revision does not know')
})

t.test('F-15, F-16: an endpoint elsewhere is refused, a second one ignored, none at all waited for only so long', async t => {
  const other = await serve(t, seen => seen.status(202))
  for (const data of [other.url, 'javascript:alert(1)', 'https://127.0.0.1/x', 'http://', '//evil.example/x']) {
    const server = await serve(t, seen => { seen.stream(`event: endpoint\ndata: ${data}\n\n`) })
    const client = new HttpSseClient(server.url, OPTIONS)
    t.teardown(() => client.close())
    await t.rejects(client.start(), { code: 'MCP_CLIENT_BAD_ENDPOINT' }, data)
  }
  const twice = await serve(t, seen => {
    if (seen.method === 'POST') seen.status(202)
    else seen.stream('event: endpoint\ndata: /one\n\n', 'event: endpoint\ndata: /two\n\n')
  })
  const heard = await listen(t, new HttpSseClient(twice.url, OPTIONS))
  await heard.error('MCP_CLIENT_BAD_ENDPOINT')
  await heard.client.send(notification('x'))
  t.equal(twice.seen.at(-1)?.path, '/one')
  t.equal(other.seen.length, 0)
  const silent = await serve(t, seen => { seen.stream() })
  const client = new HttpSseClient(silent.url, { ...OPTIONS, limits: { briefMs: 100 } })
  t.teardown(() => client.close())
  await t.rejects(client.start(), { code: 'MCP_CLIENT_TIMEOUT' })
})

t.test('F-17: a lost stream is opened anew with a handshake of its own; what only reads is asked again', async t => {
  const server = await old(t, (seen, stream) => {
    if (server.streams.length === 1) stream.destroy()
    else stream.write(seen.event({ again: true }))
  })
  const heard = await listen(t, new HttpSseClient(server.url, OPTIONS))
  const begun: unknown[] = []
  heard.client.onsession = result => { begun.push(result) }
  await shakeHands(heard)
  await heard.client.send(request(1, 'tools/list')).catch(() => {})
  t.match(await heard.answer(1), { result: { again: true } })
  t.equal(begun.length, 1)
  t.match(heard.states, ['open', 'reconnecting', 'open'])
  t.strictSame(server.whats().filter(what => what === 'initialize').length, 2)
  server.stream().destroy()
  await heard.reaches('reconnecting')
  await heard.client.send(request(2, 'tools/call'))
  t.match(await heard.answer(2), { result: { again: true } }, 'what is sent in between waits')
})

t.test('F-17: a call that waits while connecting fails again and again is sent once, and answered once', async t => {
  const server = await old(t)
  const heard = await listen(t, new HttpSseClient(server.url, { reconnect: { ...RECONNECT, attempts: 50 } }))
  await shakeHands(heard)
  await server.stop()
  await heard.reaches('reconnecting')
  const sent = heard.client.send(request(1, 'tools/call'))
  await heard.error('MCP_CLIENT_UNREACHABLE')
  await server.restart()
  await sent
  t.match(await heard.answer(1), { result: {} })
  t.equal(server.whats().filter(what => what === 'tools/call').length, 1)
  t.equal(heard.messages.filter(({ id }) => id === 1).length, 1)
})

t.test('F-17: what may have been done fails with the stream', async t => {
  const server = await old(t, (_, stream) => { stream.destroy() })
  const heard = await listen(t, new HttpSseClient(server.url, OPTIONS))
  await shakeHands(heard)
  await heard.client.send(request(1, 'tools/call')).catch(() => {})
  t.match(await heard.answer(1), { error: { data: { code: 'MCP_CLIENT_STREAM_ENDED' } } })
})

t.test('F-17: a call that is cut off before its POST was answered may have been done, and says so', async t => {
  let started = (_cut: () => void): void => {}
  const running = new Promise<() => void>(resolve => { started = resolve })
  const streams: ServerResponse[] = []
  const server = await serve(t, seen => {
    if (seen.method === 'GET') {
      streams.push(seen.stream(`event: endpoint\ndata: /messages?id=${streams.length + 1}\n\n`))
      return
    }
    if (seen.what !== 'tools/call') {
      seen.status(202)
      if (seen.what === 'initialize') streams.at(-1)?.write(seen.event({ ...INITIALIZE_RESULT, protocolVersion: '2024-11-05' }))
      return
    }
    // Its first sign of life is here before the answer to the POST; then both connections break.
    streams.at(-1)?.write(event({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 1, progress: 1 } }))
    started(() => {
      streams.at(-1)?.destroy()
      seen.response.destroy()
    })
  })
  const heard = await listen(t, new HttpSseClient(server.url, OPTIONS))
  await shakeHands(heard)
  const sent = heard.client.send(request(1, 'tools/call'))
  sent.catch(() => {})
  const [cut] = await Promise.all([running, heard.message(({ method }) => method === 'notifications/progress')])
  cut()
  await t.rejects(sent, { code: 'MCP_CLIENT_CONNECTION_LOST' })
  await heard.reaches('open')
  t.strictSame(heard.messages.filter(({ id }) => id === 1), [], 'that is its only outcome')
  t.equal(server.whats().filter(what => what === 'tools/call').length, 1)
})

t.test('F-17: 204 ends it; a server that stays away uses up the budget, and the client closes', async t => {
  let gets = 0
  const server = await serve(t, seen => {
    if (seen.method === 'GET' && ++gets > 1) seen.status(204)
    else seen.stream('event: endpoint\ndata: /m\n\n').end()
  })
  const heard = await listen(t, new HttpSseClient(server.url, OPTIONS))
  await heard.reaches('closed')
  t.equal(gets, 2)
  const open = await old(t)
  const second = await listen(t, new HttpSseClient(open.url, OPTIONS))
  await shakeHands(second)
  await open.stop()
  await second.reaches('reconnecting')
  await t.rejects(second.client.send(notification('x')), { code: 'MCP_CLIENT_GAVE_UP' })
  await second.reaches('closed')
  const closing = await serve(t, seen => { seen.stream('event: endpoint\ndata: /m\n\n').end() })
  const third = await listen(t, new HttpSseClient(closing.url, OPTIONS))
  await third.reaches('closed')
  t.equal(closing.seen.length, RECONNECT.attempts + 1, 'row 8: so do connections that bring nothing')
})

t.test('F-15: what is no such server is an error of start', async t => {
  for (const [status, type] of [[404, 'text/html'], [405, 'text/html'], [200, 'text/html'], [401, 'text/html']] as const) {
    const server = await serve(t, seen => seen.status(status, { 'content-type': type }))
    const client = new HttpSseClient(server.url, OPTIONS)
    t.teardown(() => client.close())
    t.equal(await client.start().catch((error: unknown) => error instanceof McpClientError ? error.status : error), status)
  }
  const refusing = await serve(t, seen => {
    if (seen.method === 'GET') seen.stream('event: endpoint\ndata: /m\n\n')
    else seen.json({ jsonrpc: '2.0', id: null, error: { code: -32600, message: 'no' } }, 400)
  })
  const heard = await listen(t, new HttpSseClient(refusing.url, OPTIONS))
  await t.rejects(heard.client.send(INITIALIZE), { code: 'MCP_CLIENT_HTTP_STATUS', message: /no$/ })
  await heard.client.send(request(1, 'x'))
  t.match(await heard.answer(1), { error: { code: -32600 } })
  await t.rejects(heard.client.send(notification('x')), { code: 'MCP_CLIENT_HTTP_STATUS' })
})
