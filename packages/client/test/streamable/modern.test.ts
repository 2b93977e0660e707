import t from 'tap'
import { StreamableHttpClient } from '../../src/index.ts'
import { listen, modern, notification, request, RECONNECT } from '../lib/client.ts'
import { event, serve } from '../lib/server.ts'

t.test('I-23, E-13, A-24, A-29: each modern request is a POST of its own whose headers mirror it, without a session', async t => {
  const server = await serve(t, seen => seen.result({ resultType: 'complete' }, { 'mcp-session-id': 'never' }))
  const heard = await listen(t, new StreamableHttpClient(server.url))
  await heard.client.send(modern(1, 'tools/call', { name: 'echo' }))
  await heard.client.send(modern(2, 'resources/read', { uri: 'file:///ä' }))
  await heard.client.send(modern(3, 'tasks/get', { taskId: 'task 1' }))
  await heard.client.send(modern(4, 'tools/list'))
  const [call, read, task, list] = server.seen
  t.match(call?.headers, {
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': 'tools/call',
    'mcp-name': 'echo',
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream'
  })
  t.equal(read?.headers['mcp-name'], '=?base64?ZmlsZTovLy/DpA==?=', 'E-15: what is not plain is encoded')
  t.equal(task?.headers['mcp-name'], 'task 1')
  t.notOk(list?.headers['mcp-name'])
  t.strictSame(server.seen.filter(({ headers }) => 'mcp-session-id' in headers), [])
  t.equal(heard.client.sessionId, undefined)
  t.strictSame(heard.messages.map(({ id }) => id), [1, 2, 3, 4])
  await heard.client.close()
  t.strictSame(server.whats(), ['tools/call', 'resources/read', 'tasks/get', 'tools/list'], 'no GET, no DELETE')
})

t.test('E-20, E-21: annotated arguments are mirrored once the tool is known; faulty tools are left out', async t => {
  const properties = { region: { type: 'string', 'x-mcp-header': 'Region' }, size: { type: 'integer', 'x-mcp-header': 'Size' }, dry: { type: 'boolean', 'x-mcp-header': 'Dry' } }
  const bad = { name: 'bad', inputSchema: { type: 'object', properties: { x: { type: 'number', 'x-mcp-header': 'X' } } } }
  const server = await serve(t, seen => {
    seen.result(seen.what === 'tools/list' ? { tools: [{ name: 'good', inputSchema: { type: 'object', properties } }, bad] } : {})
  })
  const heard = await listen(t, new StreamableHttpClient(server.url))
  await heard.client.send(modern(1, 'tools/call', { name: 'good', arguments: { region: 'eu' } }))
  t.notOk(server.seen[0]?.headers['mcp-param-region'], 'E-25: without a known schema, none')
  await heard.client.send(modern(2, 'tools/list'))
  t.match(heard.messages[1], { result: { tools: [{ name: 'good' }] } })
  t.match(heard.errors, [/bad/])
  await heard.client.send(modern(3, 'tools/call', { name: 'good', arguments: { region: 'zürich', size: 42, dry: false } }))
  t.match(server.seen[2]?.headers, { 'mcp-param-region': '=?base64?esO8cmljaA==?=', 'mcp-param-size': '42', 'mcp-param-dry': 'false' })
  await heard.client.send(modern(4, 'tools/call', { name: 'good', arguments: { region: null } }))
  t.notOk(server.seen[3]?.headers['mcp-param-region'])
})

t.test('I-25, J-12, A-7: JSON-RPC errors are answers at 400 and 404, also without an id', async t => {
  const server = await serve(t, seen => {
    const error = { code: -32601, message: 'no' }
    if (seen.what === 'a') seen.json({ jsonrpc: '2.0', id: seen.body.id, error }, 404)
    else if (seen.what === 'b') seen.json({ jsonrpc: '2.0', id: null, error }, 400)
    else if (seen.what === 'c') seen.json({ jsonrpc: '2.0', error }, 400)
    else if (seen.what === 'd') seen.json({ jsonrpc: '2.0', id: 'other', error }, 400)
    else seen.status(413, {}, 'too large')
  })
  const heard = await listen(t, new StreamableHttpClient(server.url))
  for (const [index, method] of ['a', 'b', 'c'].entries()) await heard.client.send(modern(index, method))
  t.match(heard.messages, [0, 1, 2].map(id => ({ id, error: { code: -32601 } })))
  await t.rejects(heard.client.send(modern(3, 'd')), { code: 'MCP_CLIENT_HTTP_STATUS', status: 400 })
  await t.rejects(heard.client.send(modern(4, 'e')), { code: 'MCP_CLIENT_HTTP_STATUS', status: 413 }, 'I-26')
  t.equal(heard.messages.length, 3)
})

t.test('E-44: aborting a request closes its exchange; a notification that cancels does the same and is not sent', async t => {
  const server = await serve(t, seen => { seen.stream(event({ jsonrpc: '2.0', method: 'notifications/message', params: { id: seen.body.id } })) })
  const heard = await listen(t, new StreamableHttpClient(server.url))
  heard.client.setProtocolVersion('2026-07-28')
  const abort = new AbortController()
  let ended = 0
  await heard.client.send(modern(1, 'tools/call', { name: 'a' }), { requestSignal: abort.signal, onRequestStreamEnd: () => { ended++ } })
  await heard.client.send(modern(2, 'tools/call', { name: 'b' }))
  const closed = server.seen.map(({ response }) => new Promise(resolve => response.on('close', resolve)))
  abort.abort()
  await closed[0]
  await heard.client.send(notification('notifications/cancelled', { requestId: 2 }))
  await closed[1]
  t.equal(ended, 0, 'who aborts is not told')
  t.equal(server.seen.length, 2)
  t.strictSame(heard.messages.filter(({ id }) => id !== undefined), [], 'E-48: nothing comes after that')
  await t.rejects(heard.client.send(modern(3, 'x'), { requestSignal: abort.signal }), { code: 'MCP_CLIENT_ABORTED' })
})

t.test('E-47, C-32: a broken stream fails its request at once; nothing is sent again', async t => {
  const server = await serve(t, seen => { seen.stream('id: 1\ndata: \n\n', ': comment\n\n').end() })
  const heard = await listen(t, new StreamableHttpClient(server.url, { reconnect: RECONNECT }))
  let ended = 0
  await heard.client.send(modern(1, 'tools/call', { name: 'a' }), { onRequestStreamEnd: () => { ended++ } })
  t.match(await heard.answer(1), { error: { code: -32603, data: { code: 'MCP_CLIENT_STREAM_ENDED' } } })
  await new Promise(setImmediate)
  t.equal(ended, 1)
  t.strictSame(server.whats(), ['tools/call'])
})

t.test('E-49, A-36: requests of a modern server are dropped and reported, and responses are not sent to one', async t => {
  const server = await serve(t, seen => { seen.stream(event({ jsonrpc: '2.0', id: 9, method: 'ping' }), seen.event()).end() })
  const heard = await listen(t, new StreamableHttpClient(server.url))
  await heard.client.send(modern(1, 'tools/call', { name: 'a' }))
  await heard.answer(1)
  t.strictSame(heard.messages.map(({ id }) => id), [1])
  t.match(heard.errors, [{ code: 'MCP_CLIENT_BAD_MESSAGE' }])
  heard.client.setProtocolVersion('2026-07-28')
  await t.rejects(heard.client.send({ jsonrpc: '2.0', id: 9, result: {} }), { code: 'MCP_CLIENT_BAD_MESSAGE' })
})

t.test('I-9: after a probe, nothing modern is left on legacy requests', async t => {
  const server = await serve(t, seen => seen.what === 'server/discover' ? seen.status(404, {}, '<h1>?</h1>') : seen.result())
  const heard = await listen(t, new StreamableHttpClient(server.url))
  await heard.client.send(modern('probe', 'server/discover'))
  t.match(await heard.answer('probe'), { error: { code: -32601, data: { status: 404 } } }, 'I-2: an answer that makes official clients fall back')
  await heard.client.send(request(1, 'initialize'))
  const { headers } = await server.until('initialize')
  t.strictSame(Object.keys(headers).filter(name => name.startsWith('mcp-')), [])
})

t.test('E-36, A-5: listens and calls run side by side; ids keep their type', async t => {
  const server = await serve(t, seen => {
    const response = seen.stream()
    if (seen.what !== 'subscriptions/listen') response.end(seen.event())
    else response.write(event({ jsonrpc: '2.0', method: 'notifications/subscriptions/acknowledged', params: {} }))
  })
  const heard = await listen(t, new StreamableHttpClient(server.url))
  await Promise.all([1, '1'].map(id => heard.client.send(modern(id, 'subscriptions/listen', { notifications: {} }))))
  await heard.client.send(modern('2', 'tools/list'))
  await heard.client.send(modern(2, 'tools/list'))
  await heard.answer(2)
  await heard.answer('2')
  t.equal(heard.messages.filter(({ method }) => method === 'notifications/subscriptions/acknowledged').length, 2)
})
