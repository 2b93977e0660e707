import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import t from 'tap'
import { startServer } from './process.ts'

const initialize = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1.0.0' } }
}

function post (url: string, message: object, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
    body: JSON.stringify(message)
  })
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  t.test(`starts, answers and ends on ${signal} while a stream is open`, async t => {
    const server = startServer(t, { PORT: '0' })
    const url = await server.listening
    const opened = await post(url, initialize)
    t.equal(opened.status, 200)
    t.match(await opened.text(), 'mcp-reference-server')
    const session = opened.headers.get('mcp-session-id') ?? ''
    const stream = await fetch(url, {
      headers: { accept: 'text/event-stream', 'mcp-session-id': session, 'mcp-protocol-version': '2025-11-25' }
    })
    t.equal(stream.status, 200)

    server.child.kill(signal)
    t.equal(await server.ended, 0)
    await stream.body?.cancel().catch(() => {})
    t.match(server.output.stderr, `Stopping on ${signal}`)
  })
}

t.test('prints what to paste and keeps logs off stdout', async t => {
  const server = startServer(t, { PORT: '0', MCP_APPLICATION: 'raw', MCP_SESSIONS: 'off', MCP_SESSION: 'off' })
  const url = await server.listening
  t.match(await (await post(url, initialize)).text(), 'mcp-reference-server-raw')
  server.child.kill('SIGTERM')
  await server.ended
  t.match(server.output.stdout, `claude mcp add --transport http reference ${url}`)
  t.match(server.output.stdout, 'raw application, sessions off')
  t.notMatch(server.output.stdout, '"level"')
  t.match(server.output.stderr, 'MCP_SESSION is no variable of this server')
})

t.test('a bad value stops the start with one message and no stack trace', async t => {
  const server = startServer(t, { PORT: 'eighty' })
  server.listening.catch(() => {})
  t.equal(await server.ended, 1)
  t.equal(server.output.stderr, 'PORT is "eighty", but has to be a port number from 0 (any free one) to 65535\n')
  t.equal(server.output.stdout, '')
})

t.test('a port in use stops the start with one line', async t => {
  const holder = createServer().listen({ host: '127.0.0.1', port: 0 })
  t.teardown(() => holder.close())
  await once(holder, 'listening')
  const address = holder.address()
  const PORT = String(typeof address === 'object' && address !== null ? address.port : 0)
  const server = startServer(t, { PORT, LOG_LEVEL: 'silent' })
  server.listening.catch(() => {})
  t.equal(await server.ended, 1)
  t.equal(server.output.stderr, `Port ${PORT} of 127.0.0.1 is already in use: set PORT to another port (0 picks a free one)\n`)
})

t.test('a file of API keys that cannot be read stops the start with one line', async t => {
  const server = startServer(t, { MCP_AUTH: 'api-key', MCP_API_KEYS_FILE: '/nowhere/keys.json', LOG_LEVEL: 'silent' })
  server.listening.catch(() => {})
  t.equal(await server.ended, 1)
  t.match(server.output.stderr, /^MCP_API_KEYS_FILE: The file of API keys cannot be used: ENOENT.*\n$/)
})

t.test('a storage path that is a file stops the start with one line', async t => {
  const path = `${t.testdir({ file: '' })}/file`
  const server = startServer(t, { MCP_STORAGE: `sqlite:${path}`, LOG_LEVEL: 'silent' })
  server.listening.catch(() => {})
  t.equal(await server.ended, 1)
  t.match(server.output.stderr, /^MCP_STORAGE: The storage at .*file cannot be opened: .*\n$/)
})

t.test('H-5 a public bind that nobody guards stops the start', async t => {
  const server = startServer(t, { HOST: '0.0.0.0' })
  server.listening.catch(() => {})
  t.equal(await server.ended, 1)
  t.match(server.output.stderr, /^HOST is "0\.0\.0\.0", which other machines can reach, and nothing says who may call: .*\n$/)
})

t.test('H-6 without HOST the server is reached from this machine alone', async t => {
  const server = startServer(t, { PORT: '0' })
  const { hostname, port } = new URL(await server.listening)
  t.equal(hostname, '127.0.0.1')
  const others = Object.values(networkInterfaces()).flatMap(addresses => addresses ?? []).filter(({ internal, family }) => !internal && family === 'IPv4')
  for (const { address } of others) await t.rejects(fetch(`http://${address}:${port}/mcp`), address)
})

t.test('users row 23: a silent connection and a running call share one deadline, and the process ends with 0', async t => {
  const server = startServer(t, { PORT: '0' })
  const url = await server.listening
  const session = (await post(url, initialize)).headers.get('mcp-session-id') ?? ''
  const silent = connect({ host: '127.0.0.1', port: Number(new URL(url).port) })
  t.teardown(() => silent.destroy())
  silent.on('error', () => {})
  await once(silent, 'connect')
  const countdown = { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'countdown', arguments: { seconds: 60 }, _meta: { progressToken: 1 } } }
  const call = await post(url, countdown, { 'mcp-session-id': session, 'mcp-protocol-version': '2025-11-25' })
  t.equal(call.status, 200)
  const started = performance.now()
  server.child.kill('SIGTERM')
  t.match(await call.text(), '"error"', 'the client learns that its call ended')
  t.equal(await server.ended, 0)
  t.ok(performance.now() - started < 8_000)
})
