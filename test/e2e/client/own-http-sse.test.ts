import { AutoHttpClient, connectHttp } from '@mcp/client'
import { mcpLegacySse } from '@mcp/legacy-sse'
import type { Exchange } from '@mcp/protocol'
import { mcpStreamable } from '@mcp/streamable-core'
import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import { Proxy } from '../../lib/proxy.ts'

async function answer (exchange: Exchange): Promise<void> {
  const { message } = exchange
  if (!('method' in message) || !('id' in message)) return
  const handshake = { protocolVersion: exchange.revision, capabilities: {}, serverInfo: { name: 'own', version: '1' } }
  await exchange.send({ jsonrpc: '2.0', id: message.id, result: message.method === 'initialize' ? handshake : { ...message.params } })
}

t.test('F-2, F-15, F-17, I-6: our HTTP+SSE endpoints, found by falling back, and after the stream broke', async t => {
  const app: FastifyInstance = Fastify({ forceCloseConnections: true })
  t.teardown(() => app.close())
  await app.register(mcpStreamable, { application: answer })
  await app.register(mcpLegacySse, {})
  const { port } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }))
  const proxy = await Proxy.start(t, Number(port))
  const reconnect = { initialMs: 5, maxMs: 50, attempts: 20 }
  const connection = await connectHttp(`http://127.0.0.1:${proxy.port}/sse`, { verdicts: null, reconnect })
  t.teardown(() => connection.close())
  t.equal(connection.kind, 'http+sse')
  const numbers = Array.from({ length: 20 }, (_, n) => n)
  t.strictSame((await Promise.all(numbers.map(n => connection.request('tools/call', { n })))).map(({ n }) => n), numbers)
  const renewed = new Promise(resolve => { connection.transport.onsession = resolve })
  proxy.cutAll()
  await renewed
  t.match(await connection.request('tools/call', { again: true }), { again: true })
  const other = new AutoHttpClient(`http://127.0.0.1:${port}/sse`, { transport: 'http+sse' })
  t.teardown(() => other.close())
  await t.resolves(other.start(), 'pinned')
})
