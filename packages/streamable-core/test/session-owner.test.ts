import Fastify from 'fastify'
import t from 'tap'
import { isRequest } from '@mcp/protocol'
import { mcpStreamable } from '../src/index.ts'

t.test('D-15: a session of /:tenant/mcp is unknown at the path of another tenant', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(mcpStreamable, {
    path: '/:tenant/mcp',
    limits: { sessionsPerPrincipal: 1 },
    application: ({ message, revision }) => {
      if (!isRequest(message)) return
      return message.method === 'initialize' ? { protocolVersion: revision, capabilities: {}, serverInfo: { name: 'a', version: '1' } } : {}
    }
  })
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  const send = async (tenant: string, method: string, body: object | null, session?: string): Promise<Response> => {
    const reply = await fetch(`${origin}/${tenant}/mcp`, {
      method,
      headers: {
        accept: 'application/json, text/event-stream',
        ...body !== null && { 'content-type': 'application/json' },
        ...session !== undefined && { 'mcp-session-id': session }
      },
      ...body !== null && { body: JSON.stringify(body) }
    })
    await reply.body?.cancel()
    return reply
  }
  const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } }
  const opened = await send('blue', 'POST', { jsonrpc: '2.0', id: 0, method: 'initialize', params })
  const session = opened.headers.get('mcp-session-id') ?? ''
  t.equal(opened.status, 200)
  const ping = { jsonrpc: '2.0', id: 1, method: 'ping' }
  t.equal((await send('blue', 'POST', { jsonrpc: '2.0', id: 0, method: 'initialize', params })).status, 200, 'anonymous callers of a tenant are many')
  for (const [method, body] of [['POST', ping], ['GET', null], ['DELETE', null]] as const) {
    t.equal((await send('red', method, body, session)).status, 404, `${method} of another tenant`)
  }
  t.equal((await send('blue', 'POST', ping, session)).status, 200)
  t.equal((await send('blue', 'GET', null, session)).status, 200)
  t.equal((await send('blue', 'DELETE', null, session)).status, 204)
})
