import { Readable } from 'node:stream'
import t from 'tap'
import { answering, call, MODERN, modern, rawConnection, rawRequest, startApp } from './helper.ts'

const JSON_FIELD = 'Content-Type: application/json'

t.test('A-38, A-7, A-8, B-5: what cannot be read is 400 with -32700 and no id', async t => {
  const { rpc, initialize } = await startApp(t)
  const session = await initialize()
  const unreadable: Record<string, string | Uint8Array> = {
    'half an object': '{"jsonrpc":"2.0","id":1',
    'no JSON': 'hello',
    blanks: '  \n ',
    'a trailing comma': '{"jsonrpc":"2.0","id":1,"method":"ping",}',
    'two values': '{"jsonrpc":"2.0","id":1,"method":"ping"}{}',
    NaN: '{"jsonrpc":"2.0","id":NaN,"method":"ping"}',
    'a raw control character': '{"jsonrpc":"2.0","id":1,"method":"pi\nng"}',
    'a lone continuation byte': Buffer.concat([Buffer.from('{"jsonrpc":"2.0","id":1,"method":"ping'), Buffer.from([0xff]), Buffer.from('"}')]),
    'an overlong encoding': Buffer.concat([Buffer.from('{"jsonrpc":"2.0","id":1,"method":"'), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')]),
    'UTF-16': Buffer.from('{"jsonrpc":"2.0","id":1,"method":"ping"}', 'utf16le'),
    'deep arrays': '['.repeat(100_000),
    'deep objects': '{"a":'.repeat(5_000) + '1' + '}'.repeat(5_000),
    'depth in params': `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":${'['.repeat(70)}${']'.repeat(70)}}}`
  }
  for (const [name, body] of Object.entries(unreadable)) {
    for (const headers of [session, {}, { 'mcp-protocol-version': MODERN }]) {
      const answer = await rpc(body, headers)
      t.equal(answer.status, 400, name)
      t.strictSame(Object.keys(answer.message), ['jsonrpc', 'error'], 'no id')
      t.equal(answer.message.error?.code, -32700)
    }
  }
  t.equal((await rpc(call('ping'), session)).status, 200, 'the session is none the worse')
})

t.test('A-38: an empty body is 400 with -32700, with and without a length', async t => {
  const { port } = await startApp(t)
  for (const length of [['Content-Length: 0'], [], ['Transfer-Encoding: chunked']]) {
    const body = length[0]?.startsWith('Transfer') === true ? '0\r\n\r\n' : ''
    const connection = await rawConnection(t, port, rawRequest('POST', [JSON_FIELD, ...length], body))
    const text = await connection.closed()
    t.match(text, /^HTTP\/1\.1 400 /, length[0] ?? 'no length')
    t.match(JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4)), { jsonrpc: '2.0', error: { code: -32700 } })
  }
})

t.test('A-38: a byte order mark before the message harms nobody', async t => {
  const { rpc, initialize } = await startApp(t)
  const session = await initialize()
  const answer = await rpc(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(JSON.stringify(call('ping')))]), session)
  t.strictSame(answer.message, { jsonrpc: '2.0', id: 1, result: {} })
})

t.test('A-38, A-2, A-40: numbers beyond what is exact', async t => {
  const { rpc, initialize } = await startApp(t, { application: answering({ 'test/echo': ({ message }) => ({ ...message.params }) }) })
  const session = await initialize()
  const huge = '9'.repeat(400)
  for (const id of [huge, '9007199254740993', '-9007199254740993', '1e400']) {
    const answer = await rpc(`{"jsonrpc":"2.0","id":${id},"method":"ping"}`, session)
    t.equal(answer.status, 400, id.slice(0, 20))
    t.notOk('id' in answer.message, 'an id that would not survive is not echoed')
  }
  const inside = await rpc(`{"jsonrpc":"2.0","id":1,"method":"test/echo","params":{"n":${huge}}}`, session)
  t.ok(inside.status === 200 || inside.message.error?.code === -32700, 'in params they are no reason to fail')
})

t.test('A-39: __proto__ and constructor.prototype never get through', async t => {
  const seen: unknown[] = []
  const { rpc, initialize } = await startApp(t, { application: answering({ 'test/keep': ({ message }) => { seen.push(message.params); return {} } }) })
  const session = await initialize()
  for (const params of ['{"__proto__":{"polluted":true}}', '{"constructor":{"prototype":{"polluted":true}}}', '{"a":{"\\u005f_proto__":{"polluted":true}}}']) {
    const answer = await rpc(`{"jsonrpc":"2.0","id":1,"method":"test/keep","params":${params}}`, session)
    t.equal(answer.status, 400)
    t.equal(answer.message.error?.code, -32700)
  }
  t.strictSame(seen, [])
  t.equal(Reflect.get({}, 'polluted'), undefined)
})

t.test('A-39: duplicate keys and lone surrogates stay inside their message', async t => {
  const { rpc, initialize } = await startApp(t, { application: answering({ 'test/echo': ({ message }) => ({ ...message.params }) }) })
  const session = await initialize()
  const doubled = await rpc('{"jsonrpc":"2.0","id":1,"id":2,"method":"test/echo","params":{"a":1,"a":2}}', session)
  t.strictSame(doubled.message, { jsonrpc: '2.0', id: 2, result: { a: 2 } }, 'the last one counts, everywhere')
  const lone = await rpc('{"jsonrpc":"2.0","id":1,"method":"test/echo","params":{"a":"\\ud800x"}}', session)
  t.strictSame(lone.message.result, { a: '\ud800x' })
  t.match(lone.text, '\\ud800', 'it leaves as an escape, so the reply is UTF-8')
  const [body, headers] = modern('test/echo', { a: '\udfff' })
  t.equal((await rpc(body, headers)).status, 200)
})

t.test('A-32: a body over the limit is 413, with a length and in chunks', async t => {
  let ran = 0
  const application = answering({ ping: () => { ran++; return {} } })
  const { port, rpc, initialize } = await startApp(t, { application, limits: { bodyBytes: 2048 } })
  const session = await initialize()
  const large = JSON.stringify(call('ping', { filler: 'x'.repeat(4096) }))
  const withLength = await rpc(large, session)
  t.equal(withLength.status, 413)
  t.match(withLength.message, { jsonrpc: '2.0', error: { code: -32600, message: /2048 bytes/ } })
  t.notOk('id' in withLength.message)

  const named = Object.entries(session).map(([name, value]) => `${name}: ${value}`)
  const head = rawRequest('POST', [...named, JSON_FIELD, 'Transfer-Encoding: chunked'])
  const chunk = `400\r\n${'x'.repeat(0x400)}\r\n`
  const chunked = await rawConnection(t, port, head + chunk.repeat(4) + '0\r\n\r\n')
  const text = await chunked.until(received => received.includes('2048 bytes'))
  t.match(text, /^HTTP\/1\.1 413 /)
  t.equal(ran, 0)

  const announced = await rawConnection(t, port, rawRequest('POST', [...named, JSON_FIELD, 'Content-Length: 999999999']))
  t.match(await announced.until(received => received.includes('2048 bytes')), /^HTTP\/1\.1 413 /, 'before the body was sent')

  const small = JSON.stringify(call('ping'))
  t.equal((await rpc(small + ' '.repeat(2048 - small.length), session)).status, 200, 'exactly at the limit')
  t.equal((await rpc(small + ' '.repeat(2049 - small.length), session)).status, 413, 'one over it')
})

t.test('A-32: who sends all of a body before reading is told 413 too, not that the connection broke', async t => {
  const { port } = await startApp(t, { limits: { bodyBytes: 2048 } })
  const piece = 'x'.repeat(0x10000)
  const forms: ReadonlyArray<readonly [header: string, bytes: string]> = [
    [`Content-Length: ${64 * piece.length}`, piece], ['Transfer-Encoding: chunked', `10000\r\n${piece}\r\n`]
  ]
  for (const [header, bytes] of forms) {
    const { socket, until } = await rawConnection(t, port, rawRequest('POST', [JSON_FIELD, header]))
    socket.pause()
    for (let sent = 0; sent < 64; sent++) await new Promise(resolve => socket.write(bytes, resolve))
    if (header.startsWith('Transfer')) socket.write('0\r\n\r\n')
    socket.resume()
    t.match(await until(received => received.includes('2048 bytes')), /^HTTP\/1\.1 413 /, header)
  }
  const silent = await rawConnection(t, port, rawRequest('POST', [JSON_FIELD, 'Content-Length: 4096']))
  t.match(await silent.until(received => received.includes('2048 bytes')), /^HTTP\/1\.1 413 /, 'nor is anybody waited for who sends nothing')
})

t.test('A-1, A-40, A-8, B-8: JSON that is no JSON-RPC 2.0 message is 400 with -32600', async t => {
  const { rpc, initialize } = await startApp(t)
  const session = await initialize()
  const invalid: unknown[] = [
    null, true, 42, 'ping', {},
    { id: 7, method: 'ping' }, { jsonrpc: '1.0', id: 7, method: 'ping' }, { jsonrpc: 2, id: 7, method: 'ping' },
    { jsonrpc: '2.0', id: 7 }, { jsonrpc: '2.0', id: 7, method: 5 }, { jsonrpc: '2.0', id: 7, method: null },
    { jsonrpc: '2.0', id: 7, method: 'ping', params: [] }, { jsonrpc: '2.0', id: 7, method: 'ping', params: 'x' },
    { jsonrpc: '2.0', id: 7, method: 'ping', result: {} }, { jsonrpc: '2.0', id: 7, result: 5 }, { jsonrpc: '2.0', id: 7, error: 'no' },
    { jsonrpc: '2.0', id: 7, error: { code: 1.5, message: 'x' } }, { jsonrpc: '2.0', id: 7, result: {}, error: { code: 1, message: 'x' } }
  ]
  for (const body of invalid) {
    for (const headers of [session, {}, { 'mcp-protocol-version': MODERN, 'mcp-method': 'ping' }]) {
      const answer = await rpc(JSON.stringify(body), headers)
      t.equal(answer.status, 400, JSON.stringify(body))
      t.equal(answer.message.error?.code, -32600)
      t.equal(answer.message.id, (body as { id?: unknown } | null)?.id, 'a readable id is echoed')
    }
  }
})

t.test('A-2: an id that is neither string nor integer is refused, never taken for a notification', async t => {
  const { rpc, initialize } = await startApp(t)
  const session = await initialize()
  for (const id of [null, 1.5, true, {}, ['1'], 'x'.repeat(300)]) {
    for (const [body, headers] of [[call('ping'), session], modern('server/discover')] as const) {
      const answer = await rpc({ ...body, id }, headers)
      t.equal(answer.status, 400, JSON.stringify(id))
      t.equal(answer.message.error?.code, -32600)
      t.notOk('id' in answer.message)
    }
  }
})

t.test('A-5: the id comes back in the type it came in', async t => {
  const { rpc, initialize } = await startApp(t)
  const session = await initialize()
  for (const id of [1, '1', 0, '', -5, 'ü€😀', Number.MAX_SAFE_INTEGER]) {
    t.strictSame((await rpc(call('ping', {}, id), session)).message.id, id)
    t.strictSame((await rpc(...modern('server/discover', {}, {}, id))).message.id, id)
    t.strictSame((await rpc(call('no/such', {}, id), session)).message.id, id, 'in errors too')
    t.strictSame((await rpc(...modern('no/such', {}, {}, id))).message.id, id)
  }
})

t.test('A-14, B-32: what a parser or a hook says stays in the log', async t => {
  const { rpc, logs } = await startApp(t, {}, {}, app => {
    app.addHook('preHandler', async request => {
      if (request.headers['x-fail'] !== undefined) throw new Error('SELECT secret FROM /etc/passwd')
    })
  })
  const broken = await rpc('{"password":"hunter2"')
  t.notMatch(broken.text, /hunter2|Unexpected|position|stack/i)
  const failed = await rpc(call('ping'), { 'x-fail': 'yes' })
  t.equal(failed.status, 500)
  t.strictSame(failed.message, { jsonrpc: '2.0', error: { code: -32603, message: 'Internal error' } })
  t.match(logs.find(line => line.msg === 'request failed'), { err: { message: 'SELECT secret FROM /etc/passwd' } })
})

t.test('a hook may put a stream of its own in place of the body', async t => {
  const bytes = Buffer.from(JSON.stringify(call('ping', { text: 'héllo' })))
  const streams: Array<() => Readable> = [
    () => Readable.from([bytes]),
    () => Readable.from([bytes.subarray(0, 60), bytes.subarray(60)]),
    () => Readable.from(['{"jsonrpc":"2.0",', '"id":1,"method":"ping","params":{"text":"héllo"}}'])
  ]
  for (const stream of streams) {
    const { rpc, initialize } = await startApp(t, {}, {}, app => {
      app.addHook('preParsing', async (request, _reply, payload) => request.headers['x-replace'] === undefined ? payload : stream())
    })
    const session = await initialize()
    t.strictSame((await rpc('ignored', { ...session, 'x-replace': 'yes' })).message, { jsonrpc: '2.0', id: 1, result: {} })
  }
  const { rpc } = await startApp(t, { limits: { bodyBytes: 100 } }, {}, app => {
    app.addHook('preParsing', async () => Readable.from([Buffer.alloc(60, ' '), Buffer.alloc(60, ' ')]))
  })
  t.equal((await rpc('{}')).status, 413)
})
