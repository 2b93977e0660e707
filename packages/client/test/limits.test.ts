import t from 'tap'
import { StreamableHttpClient } from '../src/index.ts'
import { RECONNECT, listen, modern, request } from './lib/client.ts'
import { event, serve } from './lib/server.ts'

t.test('I-29: replies beyond the limit fail their own request', async t => {
  const server = await serve(t, seen => {
    if (seen.what === 'json') seen.result({ text: 'x'.repeat(20_000) })
    else if (seen.what === 'event') seen.stream(seen.event({ text: 'x'.repeat(20_000) }))
    else if (seen.what === 'line') seen.stream('data: ' + 'x'.repeat(20_000))
    else seen.result()
  })
  const heard = await listen(t, new StreamableHttpClient(server.url, { limits: { responseBytes: 10_000, eventCharacters: 10_000 } }))
  await t.rejects(heard.client.send(request(1, 'json')), { code: 'MCP_CLIENT_TOO_LARGE' })
  for (const method of ['event', 'line']) {
    await heard.client.send(request(method, method))
    t.match(await heard.answer(method), { error: { data: { code: 'MCP_CLIENT_TOO_LARGE' } } })
  }
  await heard.client.send(request(2, 'fine'))
  t.match(await heard.answer(2), { result: {} })
})

t.test('I-29: what cannot be read fails its own request', async t => {
  const server = await serve(t, seen => {
    if (seen.what === 'no JSON') seen.status(200, { 'content-type': 'application/json' }, '{')
    else if (seen.what === 'no message') seen.json({ hello: 'world' })
    else if (seen.what === 'no response') seen.json([])
    else if (seen.what === 'bad event') seen.stream('data: {oops\n\n', seen.event())
    else seen.stream(seen.event()).end()
  })
  const heard = await listen(t, new StreamableHttpClient(server.url))
  for (const method of ['no JSON', 'no message', 'no response']) {
    await t.rejects(heard.client.send(request(method, method)), { code: 'MCP_CLIENT_BAD_MESSAGE' }, method)
  }
  await Promise.all([heard.client.send(request(1, 'bad event')), heard.client.send(request(2, 'good event'))])
  t.match(await heard.answer(1), { error: { data: { code: 'MCP_CLIENT_BAD_MESSAGE' } } })
  t.match(await heard.answer(2), { result: {} })
})

t.test('I-29: silence and length of replies are limited, comments are no silence', async t => {
  const server = await serve(t, async seen => {
    if (seen.what === 'no head') return
    const response = seen.stream()
    if (seen.what === 'silent') return
    const timer = setInterval(() => response.write(': still here\n\n'), 20)
    response.on('close', () => clearInterval(timer))
    if (seen.what === 'slow') setTimeout(() => response.end(seen.event()), 400)
  })
  const heard = await listen(t, new StreamableHttpClient(server.url, { limits: { headMs: 150, idleMs: 150 } }))
  await t.rejects(heard.client.send(request(1, 'no head')), { code: 'MCP_CLIENT_TIMEOUT' })
  await heard.client.send(modern(2, 'silent'))
  t.match(await heard.answer(2), { error: { data: { code: 'MCP_CLIENT_STREAM_ENDED' }, message: /nothing for 150 ms/ } })
  await heard.client.send(modern(3, 'slow'))
  t.match(await heard.answer(3), { result: {} })
  const brief = await listen(t, new StreamableHttpClient(server.url, { limits: { totalMs: 200 } }))
  await brief.client.send(modern(4, 'endless'))
  t.match(await brief.answer(4), { error: { message: /not done after 200 ms/ } })
})

t.test('I-29: a silent stream with event ids is taken up again', async t => {
  const server = await serve(t, seen => {
    if (seen.method === 'POST') seen.stream('id: 1\ndata: \n\n')
    else seen.stream(event({ jsonrpc: '2.0', id: 1, result: {} })).end()
  })
  const heard = await listen(t, new StreamableHttpClient(server.url, { limits: { idleMs: 100 }, reconnect: RECONNECT }))
  await heard.client.send(request(1, 'x'))
  t.match(await heard.answer(1), { result: {} })
})

t.test('a listener that throws breaks nothing', async t => {
  const server = await serve(t, seen => { seen.stream(event({ jsonrpc: '2.0', method: 'notifications/message' }), seen.event()).end() })
  const heard = await listen(t, new StreamableHttpClient(server.url))
  const { onmessage } = heard.client
  heard.client.onmessage = message => {
    onmessage?.(message)
    throw new Error('listener')
  }
  await heard.client.send(request(1, 'x'))
  await heard.answer(1)
  t.match(heard.errors, [{ message: 'listener' }, { message: 'listener' }])
})
