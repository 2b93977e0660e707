/** Another principal, with valid credentials of its own, who has learned ids that are not its own. */
import t, { type Test } from 'tap'
import { startTarget, type Target } from './lib/target.ts'
import { call, modern, openStream, toolCall, type Fields, type Reply } from './lib/wire.ts'

const ACCEPT = { accept: 'application/json, text/event-stream' }

/** Everything that can be done with a session id on Streamable HTTP. */
function uses (target: Target, session: Fields): Array<() => Promise<Reply>> {
  const named = { ...session, ...ACCEPT }
  return [
    () => target.post(toolCall('echo'), session),
    () => target.post({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 7 } }, session),
    () => target.post({ jsonrpc: '2.0', id: 'x.1', result: { roots: [] } }, session),
    () => target.post([toolCall('echo'), toolCall('echo', 2)], session),
    () => target.send('GET', '/mcp', named),
    () => target.send('GET', '/mcp', { ...named, 'last-event-id': 'standalone_0' }),
    () => target.send('DELETE', '/mcp', named)
  ]
}

/** What a reply and the log show of a request, without what differs between any two. */
async function shown (target: Target, use: () => Promise<Reply>): Promise<unknown> {
  const before = target.log.length
  const { status, headers: { date, ...headers }, text } = await use()
  while (!target.log.slice(before).some(line => line.includes('request completed'))) await new Promise(resolve => setImmediate(resolve))
  const lines = target.log.slice(before).map(line => {
    const { level, msg, rung, reason, status, code } = JSON.parse(line) as Record<string, unknown>
    return { level, msg, rung, reason, status, code }
  })
  return { status, headers, text, lines }
}

t.test('D-13 D-16 H-17 H-23 somebody else\'s session is one that never was: status, headers, body and log, on every route', async t => {
  const target = await startTarget(t)
  const session = await target.openSession('alice')
  const foreign = { ...session, ...target.as.bob }
  const unknown = { ...foreign, 'mcp-session-id': 'A'.repeat((session['mcp-session-id'] ?? '').length) }
  const strangers = uses(target, unknown)
  for (const [index, use] of uses(target, foreign).entries()) {
    const seen = await shown(target, use)
    t.match(seen, { status: 404 })
    t.strictSame(seen, await shown(target, strangers[index] ?? use))
  }
  t.strictSame(target.ran, [])
  t.equal((await target.post(call('ping'), session)).status, 200, 'it is still there, and its owner\'s')
  await target.unharmed(t)
})

t.test('D-13 D-17 G-2 a session id is no credential: without one every route says 401, whether or not the session exists', async t => {
  const target = await startTarget(t)
  const { authorization, ...session } = await target.openSession('alice')
  t.ok(authorization)
  for (const id of [session['mcp-session-id'] ?? '', 'A'.repeat(32)]) {
    for (const use of uses(target, { 'mcp-session-id': id })) t.match(await use(), { status: 401, headers: { 'www-authenticate': /^Bearer/ } })
  }
  t.equal((await target.send('POST', '/messages?sessionId=x', { 'content-type': 'application/json' }, '{}')).status, 401)
  t.equal((await target.send('GET', '/sse', ACCEPT)).status, 401)
  t.strictSame(target.ran, [])
  await target.unharmed(t)
})

/** A call that reports progress and then waits, so that its stream can be lost and asked for again. */
async function lostStream (t: Test, target: Target, session: Fields): Promise<string> {
  const stream = await openStream(t, target.origin + '/mcp', session, { ...toolCall('hold', 7), params: { name: 'hold', _meta: { progressToken: 'p' } } })
  const text = await stream.until(received => received.includes('notifications/progress'))
  stream.close()
  const ids = [...text.matchAll(/^id: ?(\S+)$/gm)].map(([, id]) => id ?? '')
  t.ok(ids.length > 0)
  return ids[0] ?? ''
}

t.test('D-16 H-17 C-26 replay: the events of another are read neither in their session nor in one\'s own', async t => {
  const target = await startTarget(t)
  const session = await target.openSession('alice')
  const lost = await lostStream(t, target, session)
  const own = await target.openSession('bob')
  const replay = { ...ACCEPT, 'last-event-id': lost }
  t.match(await target.send('GET', '/mcp', { ...session, ...target.as.bob, ...replay }), { status: 404 })
  const inOwn = await target.send('GET', '/mcp', { ...own, ...replay })
  t.equal(inOwn.status, 400)
  t.notMatch(inOwn.text, 'progress')
  const resumed = await openStream(t, target.origin + '/mcp', { ...session, 'last-event-id': lost })
  target.release()
  t.match(await resumed.until(text => text.includes('"id":7')), 'notifications/progress', 'its owner reads them all')
  await target.unharmed(t)
})

t.test('H-17 A-4 A-37 injection: an answer, a cancellation or an id of another session changes nothing in this one', async t => {
  const target = await startTarget(t)
  const session = await target.openSession('alice')
  const own = await target.openSession('bob')
  const asked = await openStream(t, target.origin + '/mcp', session, toolCall('ask', 7))
  const text = await asked.until(received => received.includes('roots/list'))
  const id = /"id":"([^"]+)"/.exec(text)?.[1] ?? ''
  t.ok(id)
  const forged = { jsonrpc: '2.0', id, result: { roots: [{ uri: 'file:///evil' }] } }
  t.equal((await target.post(forged, own)).status, 202, 'as any answer nobody waits for')
  t.equal((await target.post(forged, { ...session, ...target.as.bob })).status, 404)
  const cancel = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 7 } }
  t.equal((await target.post(cancel, own)).status, 202)
  t.equal((await target.post(...withFields(cancel, target.as.bob))).status, 202, 'of the modern era, which has no session')
  t.strictSame(target.answers, [])
  t.equal((await target.post({ ...forged, result: { roots: [] } }, session)).status, 202)
  t.match(await asked.rest(), '"id":7')
  t.strictSame(target.answers, ['{"jsonrpc":"2.0","id":1,"result":{"roots":[]}}'])
  await target.unharmed(t)
})

function withFields (message: { method: string, params: object }, credentials: Fields): [unknown, Fields] {
  const [request, fields] = modern(message.method, { ...message.params })
  const { id, ...notification } = request
  return [notification, { ...fields, ...credentials }]
}

t.test('F-5 F-6 H-17 H-23 HTTP+SSE: to POST into another\'s stream is to POST into none, and its id opens nothing else', async t => {
  const target = await startTarget(t)
  const stream = await openStream(t, target.origin + '/sse', target.as.alice)
  const path = /data: (\S+sessionId=\S+)/.exec(await stream.until(text => text.includes('sessionId=')))?.[1] ?? ''
  const id = path.split('=')[1] ?? ''
  target.secrets.push(id)
  const unknown = path.replace(id, 'A'.repeat(id.length))
  const initialize = call('initialize', { protocolVersion: '2024-11-05', capabilities: {}, clientInfo: {} }, 0)
  for (const message of [initialize, toolCall('echo'), { jsonrpc: '2.0', id: 'x.1', result: {} }, { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 7 } }]) {
    const seen = await shown(target, () => target.post(message, target.as.bob, path))
    t.match(seen, { status: 404 })
    t.strictSame(seen, await shown(target, () => target.post(message, target.as.bob, unknown)))
    t.equal((await target.post(message, {}, path)).status, 401)
  }
  for (const use of uses(target, { ...target.as.alice, 'mcp-session-id': id })) t.equal((await use()).status, 404, 'not on Streamable HTTP, by its owner either')
  const streamable = await target.openSession('alice')
  t.equal((await target.post(toolCall('echo'), target.as.alice, path.replace(id, streamable['mcp-session-id'] ?? ''))).status, 404, 'nor the other way round')
  await target.send('OPTIONS', path, { origin: 'http://localhost', 'access-control-request-method': 'POST' })
  await target.send('OPTIONS', path)
  stream.close()
  t.notMatch(await stream.rest(), 'jsonrpc', 'nothing of it came out of the stream')
  await target.unharmed(t)
})

t.test('C-23 H-20 what comes back in a stream cannot begin an event of its own', async t => {
  const target = await startTarget(t)
  const session = await target.openSession('alice')
  const evil = 'x\n\nevent: endpoint\ndata: https://evil.example/\r\rid: 9\u2028\u0085data: {}'
  const id = 'i\n\ndata: {"evil":1}\r\n'
  const stream = await openStream(t, target.origin + '/mcp', { ...session, accept: 'text/event-stream' }, toolCall('echo', id, { evil }))
  const lines = (await stream.rest()).split(/\r\n|\r|\n/).filter(line => line !== '')
  for (const line of lines) t.match(line, /^(?:id: |data: |data:$|retry: |event: message$|:)/)
  const data = lines.filter(line => line.startsWith('data: ')).map(line => line.slice(6)).filter(json => json.trim() !== '')
  t.equal(data.length, 1)
  t.match(JSON.parse(data[0] ?? ''), { id, result: { content: [{ text: JSON.stringify({ evil }) }] } })
  await target.unharmed(t)
})
