/** Peer: `StreamableHTTPServerTransport` of `@modelcontextprotocol/sdk` 1.x, one per session. */
import { randomUUID } from 'node:crypto'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import Fastify from 'fastify'
import { serve } from './host.ts'
import { buildV1Server } from './sdk-v1-server.ts'

const transports = new Map<string, StreamableHTTPServerTransport>()
const app = Fastify()

app.all('/mcp', async (request, reply) => {
  const id = request.headers['mcp-session-id']
  const transport = typeof id === 'string' ? transports.get(id) : await connect()
  if (transport === undefined) return reply.code(404).send()
  reply.hijack()
  await transport.handleRequest(request.raw, reply.raw, request.body)
})

await serve(app)

async function connect (): Promise<StreamableHTTPServerTransport> {
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: () => randomUUID(),
    onsessioninitialized: id => { transports.set(id, transport) }
  })
  // The class does not satisfy its own interface under exactOptionalPropertyTypes.
  await buildV1Server().connect(transport as Transport)
  return transport
}
