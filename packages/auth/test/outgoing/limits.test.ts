import t from 'tap'
import { httpServer, outgoing, tcpServer } from './servers.ts'

const timeout = { code: 'MCP_AUTH_OUTGOING_TIMEOUT', statusCode: 503, message: /within 150 ms/ }
const tooLarge = { code: 'MCP_AUTH_OUTGOING_TOO_LARGE', statusCode: 503 }

t.test('H-15 a body larger than maxBytes, told or not', async t => {
  const server = await httpServer(t, (request, response) => {
    if (request.url === '/told') response.setHeader('content-length', 101).end('x'.repeat(101))
    else if (request.url === '/exact') response.end('x'.repeat(100))
    else for (let sent = 0; sent < 100; sent++) response.write('x'.repeat(64))
  })
  const { request } = outgoing(t, { allowLoopback: true, maxBytes: 100 })
  const base = `http://127.0.0.1:${server.port}`
  await t.rejects(request(`${base}/told`), tooLarge)
  await t.rejects(request(`${base}/endless`), tooLarge)
  t.equal((await request(`${base}/exact`)).text.length, 100)
})

t.test('H-15 headers larger than a key set ever needs', async t => {
  const server = await tcpServer(t, socket => { socket.write(`HTTP/1.1 200 OK\r\nx-large: ${'x'.repeat(20_000)}\r\n\r\n`) })
  const { request } = outgoing(t, { allowLoopback: true })
  await t.rejects(request(`http://127.0.0.1:${server.port}/`), { code: 'MCP_AUTH_OUTGOING_FAILED', message: /UND_ERR_HEADERS_OVERFLOW/ })
})

t.test('H-15 one clock for everything: no answer, slow headers, slow body', async t => {
  const drip = (first: string) => tcpServer(t, socket => {
    socket.write(first)
    const timer = setInterval(() => { socket.write('a') }, 20)
    socket.on('close', () => { clearInterval(timer) })
  })
  const silent = await tcpServer(t, () => {})
  const slowHeaders = await drip('HTTP/1.1 200 OK\r\nx-slow: ')
  const slowBody = await drip('HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n')
  for (const [name, { port }] of Object.entries({ silent, slowHeaders, slowBody })) {
    const { request } = outgoing(t, { allowLoopback: true, timeoutMs: 150 })
    const began = performance.now()
    await t.rejects(request(`http://127.0.0.1:${port}/`), timeout, name)
    t.ok(performance.now() - began < 2000, `${name}: in time`)
  }
})

t.test('H-15 the clock runs also while a name is resolved, TLS is spoken, or a connection is waited for', async t => {
  const began = performance.now()
  const mute = await tcpServer(t, () => {})
  const stuck = outgoing(t, { timeoutMs: 150 }, { lookup: () => {} })
  await t.rejects(stuck.request('https://issuer.invalid/'), timeout, 'a resolver that never answers')
  const { request } = outgoing(t, { allowLoopback: true, timeoutMs: 150 })
  await t.rejects(request(`https://127.0.0.1:${mute.port}/`), timeout, 'a server that never shakes hands')
  const busy = await tcpServer(t, () => {})
  const requests = Array.from({ length: 40 }, () => request(`http://127.0.0.1:${busy.port}/`))
  for (const outcome of await Promise.allSettled(requests)) t.match(outcome, { status: 'rejected', reason: { code: timeout.code } })
  t.ok(performance.now() - began < 900, 'three times 150 ms')
  t.equal(busy.atOnce(), 16, 'at most 16 connections to one origin')
})

t.test('what is no HTTP, and what breaks off', async t => {
  const failed = { code: 'MCP_AUTH_OUTGOING_FAILED', statusCode: 503 }
  const { request } = outgoing(t, { allowLoopback: true })
  for (const text of ['220 mail.example ESMTP\r\n', '', 'HTTP/1.1 200 OK\r\n', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nshort']) {
    const { port } = await tcpServer(t, socket => { socket.end(text) })
    await t.rejects(request(`http://127.0.0.1:${port}/`), failed, JSON.stringify(text))
  }
})
