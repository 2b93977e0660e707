/** Calls that are forbidden, hidden among others that are not, or made to look like them. */
import t from 'tap'
import { startTarget } from './lib/target.ts'
import { call, flat, modern, openStream, toolCall } from './lib/wire.ts'

const PING = call('ping', {}, 'p')

t.test('A-22 G-8 G-20 one forbidden call in a batch: nothing of the batch runs, wherever it stands', async t => {
  const target = await startTarget(t)
  const session = await target.openSession('bob', '2025-03-26')
  const allowed = Array.from({ length: 48 }, (_, index) => toolCall('echo', index))
  const forbidden = toolCall('forbidden', 'f')
  const asNotification = { jsonrpc: '2.0', method: 'tools/call', params: { name: 'forbidden', arguments: {} } }
  const answer = { jsonrpc: '2.0', id: 'x', result: {} }
  const notification = { jsonrpc: '2.0', method: 'notifications/initialized' }
  const batches = [
    [forbidden], [forbidden, ...allowed], [...allowed, forbidden], [...allowed.slice(24), forbidden, ...allowed.slice(24)],
    [notification, answer, forbidden],
    [PING, asNotification], [PING, { ...forbidden, id: 'p' }], [PING, call('resources/read', { uri: 'file:///forbidden/x' }, 2)]
  ]
  for (const batch of batches) {
    const reply = await target.post(batch, session)
    t.equal(reply.status, 403)
    t.match(reply.headers['www-authenticate'], /insufficient_scope/)
    t.match(reply.headers['content-type'], 'application/json', 'no stream was begun')
  }
  t.strictSame(target.ran, [])
  t.equal((await target.post([PING, toolCall('echo', 2)], session)).status, 200)
  t.strictSame(target.ran, ['bob:echo'])
  await target.unharmed(t)
})

t.test('A-18 A-19 A-20 B-6 B-9 batches that are none, nested, or of another era or revision are refused whole', async t => {
  const target = await startTarget(t)
  const session = await target.openSession('bob', '2025-03-26')
  const newer = await target.openSession('bob')
  const [envelope] = modern('tools/call', { name: 'forbidden', arguments: {} })
  const initialize = call('initialize', { protocolVersion: '2025-03-26', capabilities: {}, clientInfo: {} })
  const echo = toolCall('echo')
  for (const batch of [[], [[echo]], [echo, [toolCall('forbidden')]], [echo, null], [echo, 'x'], [echo, 1], [echo, envelope], [echo, initialize], [echo, {}]]) {
    t.equal((await target.post(batch, session)).status, 400, JSON.stringify(batch).slice(0, 60))
  }
  t.equal((await target.post([echo, echo], newer)).status, 400, 'a revision without batches')
  t.equal((await target.post([echo, echo], { ...target.as.bob, 'mcp-protocol-version': '2026-07-28' })).status, 400)
  const stream = await openStream(t, target.origin + '/sse', target.as.bob)
  const path = /data: (\S+sessionId=\S+)/.exec(await stream.until(text => text.includes('sessionId=')))?.[1] ?? ''
  target.secrets.push(path.split('=')[1] ?? '')
  t.equal((await target.post([echo], target.as.bob, path)).status, 400, 'HTTP+SSE')
  t.equal((await target.post(toolCall('forbidden'), target.as.bob, path)).status, 403)
  t.strictSame(target.ran, [])
  await target.unharmed(t)
})

t.test('E-24 A-39 G-20 who decides is the body as it runs: not a header, not a first of two keys, not another kind of message', async t => {
  const target = await startTarget(t)
  const session = await target.openSession('bob')
  const [body, fields] = modern('tools/call', { name: 'forbidden', arguments: {} })
  const named = { ...fields, 'mcp-name': 'echo', ...target.as.bob }
  t.match(await target.post(body, named), { status: 400, text: /-32020/ }, 'the header names another tool')
  t.match(await target.post(body, { ...fields, ...target.as.bob, 'mcp-method': 'ping' }), { status: 400, text: /-32020/ }, 'or another method')
  t.equal((await target.post(toolCall('forbidden'), { ...session, 'mcp-name': 'echo', 'mcp-method': 'tools/call' })).status, 403, 'in the other era it counts for nothing')
  const doubled = [
    '{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call","params":{"name":"forbidden"}}',
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","name":"forbidden"}}',
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo"},"params":{"name":"forbidden"}}',
    '{"jsonrpc":"2.0","id":1,"method":"tools\\u002fcall","params":{"n\\u0061me":"forbidden"}}'
  ]
  for (const text of doubled) t.equal((await target.post(text, session)).status, 403, text)
  for (const extra of [{ result: {} }, { error: { code: 1, message: 'x' } }]) t.equal((await target.post({ ...toolCall('forbidden'), ...extra }, session)).status, 400)
  for (const id of [null, 1.5, {}, []]) t.equal((await target.post({ ...toolCall('x'), id, params: { name: 'forbidden' } }, session)).status, 400)
  for (const name of ['forbidden ', 'Forbidden', 'forbidden\0']) t.equal((await target.post(toolCall(name), session)).status, 200, 'another tool')
  for (const name of [['forbidden'], [['forbidden']], { name: 'forbidden' }, 1, null]) {
    const [body, fields] = modern('tools/call', { name, arguments: {} })
    t.match(await target.post(call('tools/call', { name, arguments: {} }), session), { status: 400, text: /-32602/ }, JSON.stringify(name))
    t.match(await target.post(body, { ...fields, ...target.as.bob }), { status: 400, text: /-32602/ })
    t.equal((await target.post(call('prompts/get', { name }), session)).status, 400)
    t.equal((await target.post(call('completion/complete', { ref: { type: 'ref/prompt', name } }), session)).status, 400)
  }
  for (const method of ['resources/read', 'resources/subscribe', 'resources/unsubscribe']) t.equal((await target.post(call(method, { uri: ['file:///forbidden/x'] }), session)).status, 400)
  t.strictSame(target.ran.filter(ran => ran === 'bob:forbidden' || ran.includes('file:')), [])
  await target.unharmed(t)
})

t.test('G-20 H-23 a hidden tool is an unknown one: by name, in the list, in a batch, on every transport', async t => {
  const target = await startTarget(t)
  const session = await target.openSession('bob', '2025-03-26')
  const reply = async (name: string): Promise<unknown[]> => {
    const [body, fields] = modern('tools/call', { name, arguments: {} })
    const replies = [
      await target.post(toolCall(name), session), await target.post([toolCall(name), PING], session),
      await target.post(body, { ...fields, ...target.as.bob })
    ]
    return replies.map(({ status, headers: { date, ...headers }, text }) => [status, headers, text.replaceAll(name, 'NAME')])
  }
  t.strictSame(await reply('hidden'), await reply('unheard'.slice(0, 6)))
  t.notMatch((await target.post(call('tools/list'), session)).text, 'hidden')
  t.notOk(target.ran.includes('bob:hidden'))
  const alice = await target.openSession('alice')
  t.match((await target.post(toolCall('hidden'), alice)).text, 'hidden')
  await target.unharmed(t)
})

t.test('G-4 B-3 nothing is read or run for who is nobody, in whatever form it comes', async t => {
  const target = await startTarget(t)
  const tokens = ['x', target.keys.alice.slice(0, -1), target.keys.alice + 'x', target.keys.alice.toUpperCase(), 'mcp_', 'a.b.c', 'eyJhbGciOiJub25lIn0.e30.', `${target.keys.alice}\u00e9`]
  for (const token of tokens) {
    for (const body of [toolCall('echo'), [toolCall('echo')], '{', '']) {
      t.equal((await target.post(body, { authorization: `Bearer ${token}` })).status, 401)
      t.equal((await target.post(body, { 'x-api-key': token })).status, 401)
    }
  }
  for (const value of ['', 'Bearer', 'Bearer ', `Basic ${target.keys.alice}`, target.keys.alice, `bearer:${target.keys.alice}`, `\tBearer\t${target.keys.alice}`]) {
    t.equal((await target.post(toolCall('echo'), flat({ authorization: value }))).status, 401, value)
  }
  t.strictSame(target.ran, [])
  target.secrets.push(...tokens.filter(token => token.length > 20))
  await target.unharmed(t)
})
