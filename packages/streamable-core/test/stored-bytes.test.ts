import Fastify from 'fastify'
import t from 'tap'
import type { Exchange } from '@mcp/protocol'
import { mcpStreamable } from '../src/index.ts'

const KIB = 1024
const result = (size: number) => ({ content: [{ type: 'text', text: 'x'.repeat(size) }] })

async function application (exchange: Exchange): Promise<void> {
  const { message } = exchange
  if (!('id' in message) || !('method' in message)) return
  if (message.method === 'initialize') {
    const result = { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'test', version: '1' } }
    return exchange.send({ jsonrpc: '2.0', id: message.id, result })
  }
  // A notification before the result makes the answer an event stream, which is stored.
  await exchange.send({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: 'soon' } })
  const size = message.method === 'test/large' ? 17 * 1024 * KIB : 100 * KIB
  await exchange.send({ jsonrpc: '2.0', id: message.id, result: result(size) })
}

const HEADERS = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' }
const INITIALIZE = {
  jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } }
}
const CALL = { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'echo', arguments: {} } }

t.test('what one caller stores over many sessions stays within its budget, and every call is answered', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(mcpStreamable, { application, limits: { storedBytesPerCaller: 500 * KIB } })
  const streams: Array<[session: string, stream: string]> = []
  for (let round = 0; round < 20; round++) {
    const opened = await app.inject({ method: 'POST', url: '/mcp', headers: HEADERS, payload: INITIALIZE })
    const session = String(opened.headers['mcp-session-id'])
    const headers = { ...HEADERS, 'mcp-session-id': session, 'mcp-protocol-version': '2025-11-25' }
    const answer = await app.inject({ method: 'POST', url: '/mcp', headers, payload: CALL })
    t.ok(answer.body.includes('"id":2'), `call ${round} is answered`)
    const id = /^id: (.+)$/m.exec(answer.body)?.[1] ?? ''
    streams.push([session, id])
  }
  const resumed = await Promise.all(streams.map(([session, id]) => {
    const headers = { accept: 'text/event-stream', 'mcp-session-id': session, 'mcp-protocol-version': '2025-11-25', 'last-event-id': id }
    return app.inject({ method: 'GET', url: '/mcp', headers })
  }))
  // Where the result went, the client gets an error for the same request.
  const kept = resumed.map(({ body }) => body.includes('"result":'))
  t.ok(kept.at(-1), 'the newest is kept')
  t.notOk(kept[0], 'the oldest went')
  t.ok(kept.filter(Boolean).length <= 5, `${kept.filter(Boolean).length} are kept`)
})

t.test('anonymous sessions from one address leave room for another address', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(mcpStreamable, { application, limits: { sessions: 10 } })
  const open = (remoteAddress: string) => app.inject({ method: 'POST', url: '/mcp', headers: HEADERS, payload: INITIALIZE, remoteAddress })
  const statuses = []
  for (let round = 0; round < 12; round++) statuses.push((await open('127.0.0.1')).statusCode)
  t.same(statuses, [...Array(5).fill(200), ...Array(7).fill(429)])
  t.equal((await open('127.0.0.2')).statusCode, 200)
})

t.test('C-6: a result of 17 MiB arrives over an event stream, although it is too large to be kept', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(mcpStreamable, { application })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const post = (message: object, headers: Record<string, string>) =>
    fetch(`${url}/mcp`, { method: 'POST', headers: { ...HEADERS, ...headers }, body: JSON.stringify(message) })
  const opened = await post(INITIALIZE, {})
  await opened.text()
  const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '', 'mcp-protocol-version': '2025-11-25' }
  const answer = await post({ ...CALL, method: 'test/large' }, session)
  const text = await answer.text()
  t.match(answer.headers.get('content-type'), 'text/event-stream')
  t.ok(text.length > 17 * 1024 * KIB && text.includes('"id":2'))
})
