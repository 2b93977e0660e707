/** What the log says after everything that was sent: no secret, and no line, colour or cursor movement of somebody else's making. */
import t, { type Test } from 'tap'
import { startTarget, type Target } from './lib/target.ts'
import { leaks } from './lib/leaks.ts'
import { call, flat, modern, openStream, raw, toolCall } from './lib/wire.ts'

const EVIL = 'x\r\n{"level":60,"msg":"forged"}\u001b[2J\u001b[31m\u009b31m\u0007\b\u202e\u2028y'
/** What fits a field: Node lets bytes from 0x80 on through, and takes them as characters. */
const EVIL_FIELD = 'x\t{"level":60,"msg":"forged"}\u009b31m\u009d0;title\u0085\u00e9'

/** Every line is one JSON object of the logger's own, in characters that do nothing, and no word of a client makes it long. */
function judgeLines (t: Test, target: Target): void {
  for (const line of target.log) {
    t.match(line, /^[\x20-\x7e…]*\n$/, 'printable, with one end')
    t.match(JSON.parse(line), { level: /^[1-4]0$/, time: Number, msg: String })
    t.ok(line.length < 2000, 'short')
    const logged = Object.entries(JSON.parse(line) as Record<string, unknown>).filter(([key]) => key !== 'err')
    t.notMatch(JSON.stringify(logged), /\\u00|\\r|\\n|\\b/, 'also after a reader has parsed it')
  }
}

t.test('H-20 H-24 B-32 log injection through header fields, ids, methods, versions, names and paths', async t => {
  const target = await startTarget(t)
  const session = await target.openSession('alice', '2025-03-26')
  const long = EVIL + 'z'.repeat(100_000)
  for (const name of [
    'Content-Type', 'Accept', 'Content-Encoding', 'Origin', 'Host', 'Authorization', 'X-API-Key', 'Mcp-Session-Id', 'MCP-Protocol-Version', 'Mcp-Method',
    'Mcp-Name', 'Last-Event-ID', 'User-Agent', 'X-Request-Id', 'X-Forwarded-For', 'Referer'
  ]) {
    const others = flat({ ...session, 'content-type': 'application/json', accept: 'text/event-stream' })
    const kept = others.filter((_, index) => others[index - index % 2]?.toLowerCase() !== name.toLowerCase())
    const head = [...kept, name, EVIL_FIELD].reduce((text, part, index) => text + part + (index % 2 === 0 ? ': ' : '\r\n'), '')
    const host = name === 'Host' ? '' : 'Host: localhost\r\n'
    for (const [method, path] of [['POST', '/mcp'], ['GET', '/mcp'], ['DELETE', '/mcp'], ['POST', '/messages?sessionId=x'], ['GET', '/sse?\u009b31m']]) {
      const connection = await raw(t, target.port, `${method} ${path} HTTP/1.1\r\n${host}${head}Connection: close\r\nContent-Length: 2\r\n\r\n{}`)
      await connection.until(text => text.includes('\r\n\r\n'))
      connection.socket.destroy()
    }
  }
  const again = await target.openSession('alice', '2025-03-26')
  const [body, fields] = modern('tools/call', { name: EVIL, arguments: {} }, { 'mcp-name': 'x' })
  for (const text of [EVIL, long]) {
    for (const message of [
      call(text), call('ping', {}, text), { jsonrpc: '2.0', method: text }, toolCall(text), { jsonrpc: '2.0', id: text, result: {} },
      { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: text, reason: text } }, { jsonrpc: text }, { [text]: text }, text,
      call('initialize', { protocolVersion: text, capabilities: {}, clientInfo: { name: text, version: text } }, 5), call('tools/list', { cursor: text }), [call(text), call('ping', {}, text)]
    ]) {
      await target.post(message, again)
      await target.post(message, target.as.alice)
      await target.post(message, { ...target.as.alice, ...fields })
      await target.post(message, target.as.alice, '/messages?sessionId=x')
    }
    await target.post({ ...body, method: text }, { ...target.as.alice, ...fields })
    const [dropped] = modern(text)
    await target.post({ jsonrpc: '2.0', method: text, params: dropped.params }, { ...target.as.alice, 'mcp-protocol-version': '2026-07-28' })
    await target.post(JSON.stringify(body).replace('2026-07-28', JSON.stringify(text).slice(1, -1)), { ...target.as.alice, ...fields })
  }
  t.ok(target.log.length > 200)
  judgeLines(t, target)
  await target.unharmed(t)
})

t.test('H-20 an application that fails over what it was sent logs the method so that it does nothing', async t => {
  const target = await startTarget(t, { application: async ({ message }) => { if ('method' in message && message.method !== 'server/discover') throw new Error('broken') } })
  for (const method of [EVIL, EVIL + 'z'.repeat(100_000)]) {
    await target.post({ ...call(method), params: { _meta: modern('x')[0].params } }, target.as.alice)
    const [body] = modern(method)
    await target.post(body, { ...target.as.alice, 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'x' })
    const [plain, fields] = modern('plain')
    await target.post(plain, { ...target.as.alice, ...fields })
  }
  t.ok(target.log.some(line => line.includes('the application failed')))
  for (const line of target.log) t.match(line, /^[\x20-\x7e]*\n$/)
  await target.app.close()
})

t.test('G-22 D-18 H-20 E-58 no credential, session id, requestState, argument or result in the log at trace', async t => {
  const target = await startTarget(t)
  const session = await target.openSession('alice')
  const state = 'state-0123456789abcdef'
  const argument = 'argument-0123456789abcdef'
  target.secrets.push(state, argument, 'wrong-0123456789abcdef')
  const params = { name: 'echo', arguments: { argument }, requestState: state }
  const [body, fields] = modern('tools/call', params)
  t.equal((await target.post(call('tools/call', params), session)).status, 200)
  t.equal((await target.post(body, { ...fields, ...target.as.alice })).status, 200)
  t.equal((await target.post(body, { ...fields, ...target.as.alice, 'mcp-name': 'y' })).status, 400)
  const sse = await openStream(t, target.origin + '/sse', target.as.alice)
  const path = /data: (\S+sessionId=\S+)/.exec(await sse.until(text => text.includes('sessionId=')))?.[1] ?? ''
  target.secrets.push(path.split('=')[1] ?? '')
  await target.post(call('initialize', { protocolVersion: '2024-11-05', capabilities: {}, clientInfo: {} }, 0), target.as.alice, path)
  await target.post(call('tools/call', params), target.as.alice, path)
  await sse.until(text => text.includes(argument))
  for (const wrong of [{ authorization: 'Bearer wrong-0123456789abcdef' }, { authorization: 'wrong-0123456789abcdef' }, { 'x-api-key': 'wrong-0123456789abcdef' }]) {
    await target.post(body, { ...fields, ...wrong })
    await target.send('GET', path, wrong)
  }
  await target.post(`{"jsonrpc":"2.0","params":{"requestState":"${state}"`, session)
  await target.post({ jsonrpc: '2.0', id: 1, method: state.length, params }, session)
  const credentials = flat(session).reduce((text, part, index) => text + part + (index % 2 === 0 ? ': ' : '\r\n'), '')
  for (const broken of ['X y\r\n', `X: ${'y'.repeat(20_000)}\r\n`, 'Content-Length: x\r\n', 'X: y\r\n z\n']) {
    await (await raw(t, target.port, `POST ${path} HTTP/1.1\r\nHost: localhost\r\n${credentials}${broken}\r\n${state}`)).closed()
  }
  await target.send('DELETE', '/mcp', session)
  t.ok(target.log.some(line => line.includes('client error')), 'what could not be parsed was logged')
  await target.unharmed(t)
})

t.test('the search finds what it is for', t => {
  t.equal(leaks(['a secret-1 b'], ['secret-1']).length, 1)
  t.equal(leaks([JSON.stringify({ packet: Buffer.from('xx secret-1 yy') })], ['secret-1']).length, 1)
  t.equal(leaks([Buffer.from('secret-1').toString('base64')], ['secret-1']).length, 1)
  t.equal(leaks(['harmless'], ['secret-1']).length, 0)
  t.end()
})
