import { Agent } from 'undici'
import t from 'tap'
import { fetchHttp, StreamableHttpClient, undiciHttp, type Http } from '../../src/index.ts'
import { INITIALIZE_RESULT, RECONNECT, listen, modern, request, shakeHands } from '../lib/client.ts'
import { event, serve } from '../lib/server.ts'

const kinds: Array<[string, () => Http]> = [['undici', () => undiciHttp()], ['fetch', () => fetchHttp()]]

for (const [name, make] of kinds) {
  t.test(`${name}: JSON, streams, notifications, resumption, cancellation, errors`, async t => {
    const http = make()
    t.teardown(() => http.close())
    const server = await serve(t, seen => {
      if (seen.what === 'initialize') seen.result(INITIALIZE_RESULT, { 'mcp-session-id': 's' })
      else if (seen.what === 'broken') seen.broken('id: 1\ndata: \n\n')
      else if (seen.what === 'gone') seen.response.destroy()
      else if (seen.what === 'half') {
        seen.response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' })
        seen.response.write('{', () => { seen.response.destroy() })
      } else if (seen.what === 'GET') seen.headers['last-event-id'] === '1' ? seen.stream(event({ jsonrpc: '2.0', id: 2, result: {} })).end() : seen.status(405)
      else if (seen.what === 'endless') seen.stream()
      else if (seen.body.id === undefined) seen.status(202)
      else seen.stream(': ä\n\n', seen.event({ text: 'ä€😀' })).end()
    })
    const heard = await listen(t, new StreamableHttpClient(server.url, { http, reconnect: RECONNECT }))
    await shakeHands(heard)
    await heard.client.send(request(1, 'stream'))
    t.match(await heard.answer(1), { result: { text: 'ä€😀' } })
    await heard.client.send(request(2, 'broken'))
    t.match(await heard.answer(2), { result: {} })
    await t.rejects(heard.client.send(request(3, 'gone')), { code: 'MCP_CLIENT_CONNECTION_LOST' })
    await t.rejects(heard.client.send(request(4, 'half')), { code: 'MCP_CLIENT_CONNECTION_LOST' })
    const abort = new AbortController()
    await heard.client.send(modern(5, 'endless'), { requestSignal: abort.signal })
    const { response } = await server.until('endless')
    const closed = new Promise(resolve => response.on('close', resolve))
    abort.abort()
    await closed
    const nowhere = await serve(t, () => {})
    await nowhere.stop()
    const away = await listen(t, new StreamableHttpClient(nowhere.url, { http }))
    await t.rejects(away.client.send(request(1, 'x')), { code: 'MCP_CLIENT_UNREACHABLE' })
  })
}

t.test('undici: connections are used again, and a dispatcher of the user is left open', async t => {
  const sockets = new Set<unknown>()
  const server = await serve(t, seen => {
    sockets.add(seen.response.socket?.remotePort)
    seen.result()
  })
  const dispatcher = new Agent()
  t.teardown(() => dispatcher.close())
  const heard = await listen(t, new StreamableHttpClient(server.url, { http: undiciHttp({ dispatcher }) }))
  for (let id = 0; id < 20; id++) await heard.client.send(request(id, 'x'))
  t.ok(sockets.size <= 2, 'the pool may take a second one while the first is being freed')
  await heard.client.close()
  t.notOk(dispatcher.destroyed)
})

t.test('undici: what was idle for too long, be it that the process was suspended, is not used again; streams go on', async t => {
  const sockets: unknown[] = []
  const server = await serve(t, seen => {
    sockets.push(seen.response.socket?.remotePort)
    if (seen.what === 'subscriptions/listen') seen.stream()
    else seen.result()
  })
  const heard = await listen(t, new StreamableHttpClient(server.url, { http: undiciHttp({ keepAliveMs: 50 }) }))
  await heard.client.send(modern(1, 'subscriptions/listen'))
  await heard.client.send(modern(2, 'x'))
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
  await heard.client.send(modern(3, 'x'))
  t.notOk(sockets.slice(0, 2).includes(sockets[2]))
  const [stream] = server.seen
  stream?.response.write(event({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' }))
  await heard.message(({ method }) => method === 'notifications/tools/list_changed')
  t.pass('the stream of before is still there')
})
