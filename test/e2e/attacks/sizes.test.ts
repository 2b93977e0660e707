/** Everything that can be made too large, too deep or too long, and values that mean something to JavaScript. */
import t, { type Test } from 'tap'
import { startTarget, type Target, type TargetOptions } from './lib/target.ts'
import { call, flat, modern, openStream, raw, toolCall, type Fields, type Reply } from './lib/wire.ts'

/** What both eras and HTTP+SSE are asked; params go where they belong. */
async function everywhere (t: Test, options: TargetOptions = {}): Promise<{
  target: Target
  ask: (method: string, params: Record<string, unknown>) => Promise<Reply[]>
}> {
  const target = await startTarget(t, options)
  const session = await target.openSession('alice')
  const stream = await openStream(t, target.origin + '/sse', target.as.alice)
  const path = /data: (\S+sessionId=\S+)/.exec(await stream.until(text => text.includes('sessionId=')))?.[1] ?? ''
  target.secrets.push(path.split('=')[1] ?? '')
  const ask = async (method: string, params: Record<string, unknown>): Promise<Reply[]> => {
    const [body, fields] = modern(method, params)
    return [
      await target.post(call(method, params), session), await target.post(body, { ...fields, ...target.as.alice }),
      await target.post(call(method, params), target.as.alice, path)
    ]
  }
  return { target, ask }
}

t.test('H-13 A-32 A-22 A-38 A-2 bodies, batches, depth and ids have limits', async t => {
  const target = await startTarget(t, { limits: { bodyBytes: 4096 } })
  const session = await target.openSession('alice', '2025-03-26')
  const stream = await openStream(t, target.origin + '/sse', target.as.alice)
  const path = /data: (\S+sessionId=\S+)/.exec(await stream.until(text => text.includes('sessionId=')))?.[1] ?? ''
  const cases: Array<[string, number, unknown]> = [
    ['body', 413, toolCall('echo', 1, { x: 'y'.repeat(5000) })],
    ['batch', 400, Array.from({ length: 51 }, () => call('ping'))],
    ['depth', 400, `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"x":${'['.repeat(65)}${']'.repeat(65)}}}`],
    ['depth without end', 400, '['.repeat(4000)],
    ['id', 400, call('ping', {}, 'x'.repeat(257))],
    ['number', 400, '{"jsonrpc":"2.0","id":1e999,"method":"ping"}'],
    ['number without end', 400, `{"jsonrpc":"2.0","id":${'9'.repeat(3000)},"method":"ping"}`]
  ]
  for (const [what, status, body] of cases) {
    t.equal((await target.post(body, session)).status, status, what)
    t.equal((await target.post(body, target.as.alice, path)).status, status, `${what} on HTTP+SSE`)
  }
  for (const at of ['/mcp', path]) {
    const fields = flat({ ...session, 'content-type': 'application/json' }).reduce((text, part, index) => text + part + (index % 2 === 0 ? ': ' : '\r\n'), '')
    const chunks = `400\r\n${' '.repeat(1024)}\r\n`.repeat(5)
    const connection = await raw(t, target.port, `POST ${at} HTTP/1.1\r\nHost: localhost\r\n${fields}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n${chunks}`)
    t.match(await connection.until(text => text.includes('\r\n\r\n')), /^HTTP\/1\.1 413 /, 'a body that never says how long it is')
  }
  t.strictSame(target.ran, [])
  target.secrets.push(path.split('=')[1] ?? '')
  await target.unharmed(t)
})

t.test('H-13 E-58 URIs, cursors, requestState and arguments have limits, whichever way they come', async t => {
  const { target, ask } = await everywhere(t)
  const state = 'secret-state-'.repeat(10_000)
  target.secrets.push(state.slice(0, 26))
  const many = Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`a${index}`, 1]))
  const cases: Array<[string, Record<string, unknown>]> = [
    ['resources/read', { uri: `file:///${'x'.repeat(10_000)}` }],
    ['tools/list', { cursor: 'c'.repeat(10_000) }],
    ['tools/call', { name: 'echo', arguments: {}, requestState: state }],
    ['tools/call', { name: 'echo', arguments: many }]
  ]
  for (const [method, params] of cases) {
    for (const reply of await ask(method, params)) {
      t.match(JSON.parse(reply.text), { error: { code: -32602 } }, method)
      t.equal(reply.status, 400)
      t.ok(reply.text.length < 500, 'the answer is short')
    }
  }
  const uris = { notifications: { resourceSubscriptions: ['x'.repeat(10_000)] } }
  const tooMany = { notifications: { resourceSubscriptions: Array.from({ length: 1025 }, (_, index) => `a:${index}`) } }
  for (const params of [uris, tooMany]) {
    const [body, fields] = modern('subscriptions/listen', params)
    t.match(await target.post(body, { ...fields, ...target.as.alice }), { status: 400, text: /-32602/ })
  }
  t.strictSame(target.ran, [])
  const within = await ask('tools/call', { name: 'echo', arguments: { a: 1 }, requestState: 's'.repeat(64 * 1024) })
  t.strictSame(within.map(({ status }) => status), [200, 200, 202])
  await target.unharmed(t)
})

t.test('A-39 H-13 nothing that is sent reaches a prototype', async t => {
  const { target, ask } = await everywhere(t)
  const session = await target.openSession('alice', '2025-03-26')
  const poisoned = [
    '{"__proto__":{"polluted":1}}', '{"constructor":{"prototype":{"polluted":1}}}', '{"a":[{"\\u005f\\u005fproto\\u005f\\u005f":{"polluted":1}}]}',
    '{"_meta":{"__proto__":{"polluted":1}}}', '{"arguments":{"__proto__":{"polluted":1}}}'
  ]
  for (const params of poisoned) {
    for (const body of [`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`, `[{"jsonrpc":"2.0","id":1,"method":"ping","params":${params}}]`]) {
      t.equal((await target.post(body, session)).status, 400, params)
    }
  }
  t.equal((await target.post('{"__proto__":{"id":1},"jsonrpc":"2.0","method":"ping"}', session)).status, 400)
  for (const name of ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '']) {
    for (const [method, params] of [['tools/call', { name, arguments: {} }], ['resources/read', { uri: name }], [name, {}]] as const) {
      for (const reply of await ask(method, params)) t.ok(reply.status < 500, `${method} ${name}: ${reply.status}`)
    }
    const odd: Fields = { ...target.as.alice, 'mcp-session-id': name === '' ? 'x' : name, 'last-event-id': `${name}_1` }
    t.equal((await target.post(call('ping'), odd)).status, 404, name)
    t.equal((await target.send('GET', '/mcp', { ...session, accept: 'text/event-stream', 'last-event-id': `${name}_1` })).status, 400, name)
    t.ok((await target.post(call('ping'), target.as.alice, `/messages?sessionId=${name}`)).status < 500)
    t.ok((await target.post(call('ping'), target.as.alice, `/messages?sessionId[${name}]=1&__proto__[polluted]=1`)).status === 400)
    await app(target, name)
  }
  t.equal(Reflect.get({}, 'polluted'), undefined)
  t.equal(Reflect.get(Object, 'polluted'), undefined)
  await target.unharmed(t)
})

/** Somebody whose key, token or version is named like that. */
async function app (target: Target, name: string): Promise<void> {
  for (const fields of [{ authorization: `Bearer ${name}` }, { 'x-api-key': name }, { ...target.as.alice, 'mcp-protocol-version': name }]) {
    const { status } = await target.post(call('initialize', { protocolVersion: name, capabilities: { [name]: {} } }), fields)
    if (status >= 500) throw new Error(`${JSON.stringify(fields)} was answered ${status}`)
  }
}
