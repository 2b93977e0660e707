/** Pages of other sites, and names that lead here: what a browser can be made to send. */
import t from 'tap'
import { startTarget, type Target } from './lib/target.ts'
import { call, flat, raw, toolCall, type Fields } from './lib/wire.ts'

const ROUTES = [['POST', '/mcp'], ['GET', '/mcp'], ['DELETE', '/mcp'], ['GET', '/sse'], ['POST', '/messages?sessionId=x']] as const

/** The same request on every route, with a session and credentials that are right. */
async function onEveryRoute (target: Target, session: Fields, more: readonly string[]): Promise<number[]> {
  const statuses: number[] = []
  for (const [method, path] of ROUTES) {
    const fields = [...flat(session), ...more, 'Content-Type', 'application/json', 'Accept', 'application/json, text/event-stream']
    const reply = await target.send(method, path, fields, method === 'POST' ? JSON.stringify(toolCall('echo')) : '')
    statuses.push(reply.status)
    if (reply.status === 403) t.match(JSON.parse(reply.text), { error: { code: -32600, message: /^Forbidden/ } })
    t.equal(reply.headers['access-control-allow-origin'], undefined)
  }
  return statuses
}

t.test('H-4 H-1 B-1 DNS rebinding: a page under a name that leads to this machine reaches no route, even with credentials', async t => {
  const target = await startTarget(t)
  const session = await target.openSession('alice')
  const own = `rebound.evil.example:${target.port}`
  const requests = [['Host', own], ['Host', own, 'Origin', `http://${own}`], ['Host', `127.0.0.1.evil.example:${target.port}`], ['Host', '0.0.0.0']]
  for (const fields of requests) t.strictSame(await onEveryRoute(target, session, fields), [403, 403, 403, 403, 403], fields.join(' '))
  t.strictSame(target.ran, [])
  t.equal((await target.post(call('ping'), session)).status, 200, 'nor was the session ended')
  await target.unharmed(t)
})

t.test('H-4 H-8 a forwarded or absolute name does not stand in for Host', async t => {
  const target = await startTarget(t)
  const forwarded = ['X-Forwarded-Host', 'localhost', 'Forwarded', 'host=localhost', 'X-Forwarded-For', '127.0.0.1']
  t.strictSame(await onEveryRoute(target, target.as.alice, ['Host', 'evil.example', ...forwarded]), [403, 403, 403, 403, 403])
  const head = `POST http://localhost/mcp HTTP/1.1\r\nHost: evil.example\r\nAuthorization: Bearer ${target.keys.alice}\r\n`
  const absolute = await raw(t, target.port, `${head}Content-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`)
  t.match(await absolute.closed(), /^HTTP\/1\.1 400 [^]*two different hosts/)
  await target.unharmed(t)
})

t.test('H-1 H-2 H-3 a page of another site reaches no route, whatever it calls itself', async t => {
  const target = await startTarget(t)
  const session = await target.openSession('alice')
  for (const origin of ['https://evil.example', 'null', 'http://localhost.evil.example', 'file://', 'http://localhost@evil.example', `http://evil.example:${target.port}`]) {
    t.strictSame(await onEveryRoute(target, session, ['Origin', origin]), [403, 403, 403, 403, 403], origin)
  }
  t.strictSame(await onEveryRoute(target, session, ['Origin', 'http://localhost', 'Origin', 'https://evil.example']), [403, 403, 403, 403, 403], 'twice')
  t.strictSame(target.ran, [])
  await target.unharmed(t)
})

t.test('H-2 A-31 H-9 what a page may send without asking is refused, and when it asks it hears nothing', async t => {
  const target = await startTarget(t)
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/plain; x=application/json']) {
    for (const path of ['/mcp', '/messages?sessionId=x']) {
      const body = JSON.stringify(toolCall('echo'))
      const page = await target.send('POST', path, { ...target.as.alice, origin: 'https://evil.example', 'content-type': type }, body)
      t.equal(page.status, 403, type)
      t.equal((await target.send('POST', path, { ...target.as.alice, 'content-type': type }, body)).status, 415, `${type} of no page`)
    }
  }
  for (const path of ['/mcp', '/sse', '/messages?sessionId=x']) {
    const asked = { origin: 'https://evil.example', 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,mcp-session-id' }
    const preflight = await target.send('OPTIONS', path, asked)
    for (const name of Object.keys(preflight.headers)) t.notMatch(name, /^access-control-allow/, path)
  }
  t.strictSame(target.ran, [])
  await target.unharmed(t)
})

t.test('F-11 H-8 nobody else says where clients of HTTP+SSE shall POST', async t => {
  const target = await startTarget(t)
  const forged = { 'x-forwarded-host': 'evil.example', 'x-forwarded-prefix': '/evil', 'x-forwarded-proto': 'https', 'x-original-url': '//evil.example/' }
  const fields = flat({ ...target.as.alice, ...forged }).reduce((text, part, index) => text + part + (index % 2 === 0 ? ': ' : '\r\n'), '')
  const stream = await raw(t, target.port, `GET /sse HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n${fields}\r\n`)
  const text = await stream.until(received => received.includes('sessionId='))
  t.match(text, /data: \/messages\?sessionId=/)
  t.notMatch(text, 'evil')
  await target.unharmed(t)
})
