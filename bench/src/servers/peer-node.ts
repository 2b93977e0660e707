/**
 * Peer: `NodeStreamableHTTPServerTransport` of `@modelcontextprotocol/node`, one per session, routed as its documentation
 * shows. Argument `json` turns on `enableJsonResponse`; without it answers are event streams, the transport's default.
 */
import { randomUUID } from 'node:crypto'
import { NodeStreamableHTTPServerTransport } from '@modelcontextprotocol/node'
import Fastify from 'fastify'
import { serve } from './host.ts'
import { buildServer } from './sdk-server.ts'

const transports = new Map<string, NodeStreamableHTTPServerTransport>()
const enableJsonResponse = process.argv[2] === 'json'
const app = Fastify()

app.all('/mcp', async (request, reply) => {
  const id = request.headers['mcp-session-id']
  const transport = typeof id === 'string' ? transports.get(id) : await connect()
  if (transport === undefined) return reply.code(404).send()
  reply.hijack()
  await transport.handleRequest(request.raw, reply.raw, request.body)
})

await serve(app)

async function connect (): Promise<NodeStreamableHTTPServerTransport> {
  const transport = new NodeStreamableHTTPServerTransport({
    sessionIdGenerator: () => randomUUID(),
    enableJsonResponse,
    onsessioninitialized: id => { transports.set(id, transport) }
  })
  await buildServer().connect(transport)
  return transport
}
