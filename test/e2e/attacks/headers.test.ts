/** Fields sent twice, fields and bodies that two servers would read differently, and too many of them. */
import t from 'tap'
import { startTarget, type Target } from './lib/target.ts'
import { call, flat, modern, raw, statusesIn, toolCall } from './lib/wire.ts'

const JSON_TYPE = ['Content-Type', 'application/json', 'Accept', 'application/json, text/event-stream']

t.test('G-10 G-24 B-18 A-54 fields sent twice: none counts, whichever of them is right', async t => {
  const target = await startTarget(t)
  const { alice, bob } = target.keys
  const session = await target.openSession('alice')
  const [id = ''] = [session['mcp-session-id']]
  const good = flat(target.as.alice)
  const [, mirrored] = modern('tools/call', { name: 'echo' })
  const [modernBody] = modern('tools/call', { name: 'echo', arguments: {} })
  const cases: Array<[string, number, string[], unknown?]> = [
    ['Authorization of two', 400, [...flat(session), 'Authorization', `Bearer ${bob}`]],
    ['Authorization, the same', 400, [...flat(session), 'Authorization', `Bearer ${alice}`]],
    ['two credentials', 400, [...flat(session), 'X-API-Key', bob]],
    ['X-API-Key', 400, ['X-API-Key', alice, 'X-API-Key', bob, 'Mcp-Session-Id', id]],
    ['two tokens in one', 400, ['Authorization', `Bearer ${alice}, Bearer ${bob}`, 'Mcp-Session-Id', id]],
    ['Host, the right one first', 400, ['Host', 'localhost', 'Host', 'evil.example', ...flat(session)]],
    ['Host, the right one last', 400, ['Host', 'evil.example', 'Host', 'localhost', ...flat(session)]],
    ['Content-Type', 400, [...flat(session), 'Content-Type', 'text/plain']],
    ['Mcp-Session-Id', 404, [...flat(session), 'Mcp-Session-Id', id]],
    ['Mcp-Session-Id of two', 404, [...flat(session), 'Mcp-Session-Id', 'A'.repeat(32)]],
    ['MCP-Protocol-Version', 400, [...flat(session), 'MCP-Protocol-Version', '2025-11-25', 'MCP-Protocol-Version', '2025-11-25']],
    ['MCP-Protocol-Version of both eras', 400, [...good, ...flat(mirrored), 'MCP-Protocol-Version', '2025-11-25'], modernBody],
    ['Mcp-Method', 400, [...good, ...flat(mirrored), 'Mcp-Method', 'tools/call'], modernBody],
    ['Mcp-Name', 400, [...good, ...flat(mirrored), 'Mcp-Name', 'forbidden'], modernBody]
  ]
  for (const [what, status, fields, body = toolCall('echo')] of cases) t.equal((await target.post(body, fields)).status, status, what)
  t.equal((await target.post(modernBody, [...good, ...flat(mirrored)])).status, 200, 'once')
  t.strictSame(target.ran, ['alice:echo'])
  for (const [fields, status] of [[['Last-Event-ID', 'standalone_0', 'Last-Event-ID', 'standalone_1'], 400], [['Mcp-Session-Id', id], 404]] as const) {
    t.equal((await target.send('GET', '/mcp', [...flat(session), ...fields, 'Accept', 'text/event-stream'])).status, status)
  }
  t.equal((await target.send('DELETE', '/mcp', [...flat(session), 'Mcp-Session-Id', 'x'])).status, 404)
  t.equal((await target.post(call('ping'), session)).status, 200, 'the session is none the worse')
  await target.unharmed(t)
})

/** Head of an authorized POST without what frames its body. */
function head (target: Target, framing: string, path = '/mcp'): string {
  const fields = [...flat(target.as.alice), ...JSON_TYPE].reduce((text, part, index) => text + part + (index % 2 === 0 ? ': ' : '\r\n'), '')
  return `POST ${path} HTTP/1.1\r\nHost: localhost\r\n${fields}${framing}\r\n`
}

t.test('H-7 request smuggling: where two servers could disagree where a body ends, there is one answer, and nothing behind it runs', async t => {
  const target = await startTarget(t)
  const [body, fields] = modern('tools/call', { name: 'forbidden', arguments: {} })
  const mirrored = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`).join('')
  const text = JSON.stringify(body)
  const smuggled = head(target, `${mirrored}Content-Length: ${text.length}\r\n`) + text
  const chunked = `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`
  const framings: Record<string, string> = {
    'both, chunked first': head(target, 'Transfer-Encoding: chunked\r\nContent-Length: 5\r\n') + `0\r\n\r\n${smuggled}`,
    'both, length first': head(target, `Content-Length: ${smuggled.length + 5}\r\nTransfer-Encoding: chunked\r\n`) + `0\r\n\r\n${smuggled}`,
    'two lengths': head(target, `Content-Length: 2\r\nContent-Length: ${smuggled.length + 2}\r\n`) + `{}${smuggled}`,
    'a list of lengths': head(target, `Content-Length: 2, ${smuggled.length}\r\n`) + `{}${smuggled}`,
    'a signed length': head(target, 'Content-Length: +2\r\n') + `{}${smuggled}`,
    'a negative length': head(target, 'Content-Length: -2\r\n') + `{}${smuggled}`,
    'a length in hex': head(target, 'Content-Length: 0x2\r\n') + `{}${smuggled}`,
    'a length beyond all numbers': head(target, `Content-Length: ${'9'.repeat(40)}\r\n`) + `{}${smuggled}`,
    'chunked is not last': head(target, 'Transfer-Encoding: chunked, identity\r\n') + `0\r\n\r\n${smuggled}`,
    'a coding nobody knows': head(target, 'Transfer-Encoding: xchunked\r\n') + `0\r\n\r\n${smuggled}`,
    'a blank before the colon': head(target, 'Transfer-Encoding : chunked\r\n') + `0\r\n\r\n${smuggled}`,
    'a folded line': head(target, 'Transfer-Encoding:\r\n chunked\r\n') + `0\r\n\r\n${smuggled}`,
    'a folded name': head(target, 'X: y\r\n Content-Length: 0\r\n') + smuggled,
    'bare LF between fields': head(target, 'X: y\nTransfer-Encoding: chunked\r\n') + `0\r\n\r\n${smuggled}`,
    'bare LF at the end': head(target, 'Content-Length: 0\r\n').replace(/\r\n$/, '\n') + smuggled,
    'bare CR in a value': head(target, 'X: y\rContent-Length: 0\r\n') + smuggled,
    'NUL in a value': head(target, 'X: y\0\r\n') + smuggled,
    'a chunk size beyond all numbers': head(target, 'Transfer-Encoding: chunked\r\n') + `fffffffffffffffff\r\n${smuggled}`,
    'a chunk size with a sign': head(target, 'Transfer-Encoding: chunked\r\n') + `+0\r\n\r\n${smuggled}`,
    'no name': head(target, ': x\r\n') + smuggled,
    'a blank in the method': smuggled.replace('POST', 'PO ST'),
    'HTTP/0.9': `POST /mcp\r\n\r\n${smuggled}`,
    'another version': smuggled.replace('HTTP/1.1', 'HTTP/7.1'),
    'a path with bytes no URL has': smuggled.replace('/mcp', '/mcp\x01'),
    'the preface of HTTP/2': `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${smuggled}`
  }
  for (const [what, bytes] of Object.entries(framings)) {
    const connection = await raw(t, target.port, bytes)
    const reply = await connection.closed()
    // What is said after a whole request of HTTP/0.9 may not stand in for its reply.
    t.strictSame(statusesIn(reply), what === 'HTTP/0.9' ? [] : [400], what)
    t.strictSame(target.ran, [], what)
  }
  const control = await raw(t, target.port, head(target, `${mirrored}Transfer-Encoding: chunked\r\nConnection: close\r\n`) + chunked)
  t.strictSame(statusesIn(await control.closed()), [200])
  t.strictSame(target.ran, ['alice:forbidden'], 'what would have run, had it been found')
  await target.unharmed(t)
})

t.test('H-7 A-38 a body that differs from its length belongs to nobody else', async t => {
  const target = await startTarget(t)
  const connection = await raw(t, target.port, head(target, 'Content-Length: 200\r\n') + JSON.stringify(toolCall('echo')))
  connection.socket.end()
  t.notMatch(await connection.closed(), / 200 /, 'one that ends early')
  t.strictSame(target.ran, [])
  await target.unharmed(t)
})

t.test('H-7 H-13 too many fields, or too large ones: 431, on every route', async t => {
  const target = await startTarget(t)
  for (const [method, path] of [['POST', '/mcp'], ['GET', '/sse'], ['POST', '/messages?sessionId=x']]) {
    const line = `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${target.keys.alice}\r\nConnection: close\r\n`
    for (const [what, fields] of [['many', 'a:b\r\n'.repeat(1000)], ['large', `X: ${'y'.repeat(20_000)}\r\n`], ['a long name', `${'x'.repeat(20_000)}: y\r\n`]]) {
      const connection = await raw(t, target.port, `${line}${fields}\r\n`)
      t.match(await connection.closed(), /^HTTP\/1\.1 431 /, `${what} ${path}`)
    }
  }
  const long = await raw(t, target.port, `GET /mcp?${'x'.repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
  t.match(await long.closed(), /^HTTP\/1\.1 431 /, 'a long URL')
  await target.unharmed(t)
})

t.test('G-3 H-20 a token in the URL lets nobody in, and is not written down', async t => {
  const target = await startTarget(t)
  const { alice } = target.keys
  for (const name of ['access_token', 'token', 'api_key', 'x-api-key', 'authorization', 'Authorization']) {
    const query = `${name}=${name.toLowerCase() === 'authorization' ? 'Bearer%20' : ''}${alice}`
    const replies = [
      await target.post(toolCall('echo'), {}, `/mcp?${query}`), await target.send('GET', `/mcp?${query}`, { accept: 'text/event-stream' }),
      await target.send('DELETE', `/mcp?${query}`), await target.send('PUT', `/mcp/?${query}`), await target.send('GET', `/sse?${query}`, { accept: 'text/event-stream' }),
      await target.post(toolCall('echo'), {}, `/messages?sessionId=x&${query}`)
    ]
    t.strictSame(replies.map(({ status }) => status), [401, 401, 401, 401, 401, 401], name)
    await target.send('OPTIONS', `/mcp?${query}`)
  }
  const form = await target.send('POST', '/mcp', { 'content-type': 'application/x-www-form-urlencoded' }, `access_token=${alice}`)
  t.equal(form.status, 401, 'nor in a form')
  const cookie = await target.post(toolCall('echo'), { cookie: `access_token=${alice}; authorization=Bearer ${alice}` })
  t.equal(cookie.status, 401, 'nor in a cookie')
  t.strictSame(target.ran, [])
  await target.unharmed(t)
})
