import { once } from 'node:events'
import { connect } from 'node:net'
import t from 'tap'
import { BOTH, call, modern, readerOf, readUntil, startApp, tool, until, type Fields, type TestApp } from './helper.ts'

const get = (node: TestApp, session: Fields, headers: Fields = {}, signal?: AbortSignal): Promise<Response> =>
  fetch(node.url, { headers: { accept: 'text/event-stream', ...session, ...headers }, ...(signal !== undefined && { signal }) })

t.test('streams are open by kind while they are, and their events are counted', async t => {
  const node = await startApp(t)
  const { app, open, post, rpc, held, snapshot, scrape } = node
  const session = await open()
  await rpc(tool('stream'), session)
  t.match(snapshot(), { streams: { open: 0, byKind: { post: 0 } }, events: { written: 2, replayed: 0 } })

  const standalone = readerOf(await get(node, session))
  const listen = readerOf(await post(...modern('subscriptions/listen', { notifications: { toolsListChanged: true } })))
  await readUntil(listen, 'acknowledged')
  const running = post(tool('hold'), session)
  await until(() => held.length === 1)
  await held[0]?.send({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 1, progress: 1 } })
  await running
  t.strictSame(snapshot().streams, { open: 3, byKind: { post: 1, standalone: 1, listen: 1 } })
  t.match(snapshot().requests, { inFlight: 2 }, 'the listen and the held call')

  await app.mcp.publish({ method: 'notifications/tools/list_changed' })
  await readUntil(standalone, 'list_changed')
  await readUntil(listen, 'list_changed')
  const samples = await scrape()
  t.equal(samples.get('mcp_server_events_written_total{kind="standalone"}'), 1)
  t.equal(samples.get('mcp_server_events_written_total{kind="listen"}'), 2)
  t.equal(samples.get('mcp_server_streams_open{kind="listen"}'), 1)

  await held[0]?.send({ jsonrpc: '2.0', id: 1, result: {} })
  await standalone.cancel()
  await listen.cancel()
  await until(() => snapshot().streams.open === 0)
  const closed = await scrape()
  t.equal(closed.get('mcp_server_streams_closed_total{kind="post",reason="ended"}'), 2)
  t.equal(closed.get('mcp_server_streams_closed_total{kind="standalone",reason="peer"}'), 1)
  t.match(snapshot().requests, { inFlight: 0, byOutcome: { ok: 4, lost: 0 } }, 'a client that only listened and goes is no loss')
})

t.test('C-24: what a client comes back for is counted as replayed, what follows is not', async t => {
  const node = await startApp(t)
  const { open, post, held, snapshot, scrape } = node
  const session = await open()
  const gone = new AbortController()
  const running = post(tool('hold'), session, gone.signal)
  await until(() => held.length === 1)
  const [exchange] = held
  const progress = (value: number): Promise<void> | undefined =>
    exchange?.send({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 1, progress: value } })
  await progress(1)
  const seen = await readUntil(readerOf(await running), '"progress":1')
  gone.abort()
  await until(() => snapshot().streams.open === 0)
  for (const value of [2, 3, 4]) await progress(value)

  const id = [...seen.matchAll(/^id: (\S+)$/gm)].at(-1)?.[1] ?? ''
  const resumed = readerOf(await get(node, session, { 'last-event-id': id }))
  await readUntil(resumed, '"progress":4')
  t.match(snapshot(), { streams: { open: 1, byKind: { resumed: 1 } }, events: { written: 4, replayed: 3 } })
  await progress(5)
  await readUntil(resumed, '"progress":5')
  await exchange?.send({ jsonrpc: '2.0', id: 1, result: {} })
  await readUntil(resumed, 'never comes: the stream ends')
  t.match(snapshot(), { streams: { open: 0 }, events: { written: 6, replayed: 3 } })
  t.equal((await scrape()).get('mcp_server_events_replayed_total{kind="resumed"}'), 3)
})

t.test('C-27: a reader that is too slow is counted as detached', async t => {
  const node = await startApp(t, { endpoint: { limits: { unsentBytes: 1024, eventsPerSession: 10 } } })
  const { open, held, snapshot, scrape, url } = node
  const session = await open()
  const body = JSON.stringify(tool('hold'))
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  t.teardown(() => { socket.destroy() })
  await once(socket, 'connect')
  socket.pause()
  const fields: Fields = { host: '127.0.0.1', accept: BOTH, 'content-type': 'application/json', 'content-length': String(body.length), ...session }
  socket.write(`POST /mcp HTTP/1.1\r\n${Object.entries(fields).map(field => field.join(': ')).join('\r\n')}\r\n\r\n${body}`)
  await until(() => held.length === 1)
  const data = 'x'.repeat(256 * 1024)
  // As an application that never waits for room.
  const flood = setInterval(() => {
    for (let i = 0; i < 8; i++) held[0]?.send({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data } })
  }, 1)
  t.teardown(() => clearInterval(flood))
  await until(() => snapshot().detached === 1)
  clearInterval(flood)
  t.equal((await scrape()).get('mcp_server_streams_closed_total{kind="post",reason="overflow"}'), 1)
})

t.test('HTTP+SSE: its stream, its session and its requests', async t => {
  const { origin, snapshot, scrape } = await startApp(t)
  const reply = await fetch(`${origin}/sse`, { headers: { accept: 'text/event-stream' } })
  const stream = readerOf(reply)
  const path = /data: (\S+)/.exec(await readUntil(stream, 'sessionId='))?.[1] ?? ''
  t.match(snapshot(), { sessions: 1, storedSessions: 1, streams: { byKind: { 'http+sse': 1 } } })
  const send = async (body: unknown): Promise<void> => {
    const headers = { 'content-type': 'application/json' }
    await (await fetch(origin + path, { method: 'POST', headers, body: JSON.stringify(body) })).text()
  }
  await send(call('initialize', { protocolVersion: '2024-11-05', capabilities: {}, clientInfo: { name: 'test', version: '1' } }, 'i'))
  await readUntil(stream, '"id":"i"')
  await send(tool('stream', 's'))
  await readUntil(stream, '"id":"s"')
  t.match(snapshot(), { requests: { total: 2, byOutcome: { ok: 2 } }, events: { written: 3 } })
  const labels = 'mcp_protocol_version="2024-11-05",gen_ai_tool_name="stream"'
  t.ok([...(await scrape()).keys()].some(key => key.includes('_count{') && key.includes(labels)))
  await stream.cancel()
  await until(() => snapshot().sessions === 0)
  t.match(snapshot(), { storedSessions: 0, streams: { open: 0 } })
  t.equal((await scrape()).get('mcp_server_sessions_ended_total{mcp_protocol_version="2024-11-05"}'), 1)
})
