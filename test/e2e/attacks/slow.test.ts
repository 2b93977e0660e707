/** Clients that take their time: with their headers, with their body, with reading. What ends them are timeouts of Node and Fastify. */
import t from 'tap'
import { startTarget } from './lib/target.ts'
import { flat, openStream, raw, toolCall } from './lib/wire.ts'

const HURRIED = { requestTimeout: 400, http: { headersTimeout: 200, connectionsCheckingInterval: 50 } }

t.test('H-7 slow headers and slow bodies are ended with 408, and free what they held', async t => {
  const target = await startTarget(t, { server: HURRIED })
  const line = `POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${target.keys.alice}\r\nContent-Type: application/json\r\n`
  const slow: Record<string, string> = {
    'nothing but a method': 'POST ',
    'headers that do not end': line,
    'half a field': `${line}X-Slow: y`,
    'a body that does not begin': `${line}Content-Length: 100\r\n\r\n`,
    'a body that does not end': `${line}Content-Length: 100\r\n\r\n{"jsonrpc"`,
    'chunks that do not end': `${line}Transfer-Encoding: chunked\r\n\r\n5\r\n{"jso\r\n`
  }
  const replies = await Promise.all(Object.entries(slow).map(async ([what, bytes]) => {
    const connection = await raw(t, target.port, bytes)
    return { what, reply: await connection.closed() }
  }))
  for (const { what, reply } of replies) t.match(reply, /^HTTP\/1\.1 408 /, what)
  t.equal(await new Promise((resolve, reject) => {
    target.app.server.getConnections((error, count) => error === null ? resolve(count) : reject(error))
  }), 0)
  t.strictSame(target.ran, [])
  await target.unharmed(t)
})

t.test('H-7 a drip of bytes gains no time', async t => {
  const target = await startTarget(t, { server: HURRIED })
  const head = `POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${target.keys.alice}\r\nContent-Type: application/json\r\n`
  for (const begin of [head, `${head}Content-Length: 4000\r\n\r\n`]) {
    const connection = await raw(t, target.port, begin)
    const drip = setInterval(() => connection.socket.write('x'), 20)
    t.match(await connection.closed(), /^HTTP\/1\.1 408 /)
    clearInterval(drip)
  }
  await target.unharmed(t)
})

t.test('H-7 C-3 replies that take longer than a request may are left alone: streams, and calls that run', async t => {
  const target = await startTarget(t, { server: HURRIED })
  const session = await target.openSession('alice')
  const standalone = await openStream(t, target.origin + '/mcp', session)
  const sse = await openStream(t, target.origin + '/sse', target.as.alice)
  const id = /sessionId=(\S+)/.exec(await sse.until(text => text.includes('sessionId=')))?.[1] ?? ''
  target.secrets.push(id)
  const held = await openStream(t, target.origin + '/mcp', session, toolCall('hold', 9))
  // Somebody slow is ended after all of them began: the timeout did its work, and they are still there.
  await (await raw(t, target.port, `POST /mcp HTTP/1.1\r\nHost: localhost\r\n${flat(target.as.alice).join(': ')}\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n`)).closed()
  target.release()
  t.match(await held.rest(), '"id":9')
  await target.app.mcp.publish({ method: 'notifications/tools/list_changed' })
  t.match(await standalone.until(text => text.includes('list_changed')), 'list_changed')
  t.match(await sse.until(text => text.includes('list_changed')), 'list_changed')
  await target.unharmed(t)
})
