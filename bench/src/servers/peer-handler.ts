/** Peer: `createMcpHandler` behind `toNodeHandler`, a fresh server for each request, as its documentation shows. */
import { toNodeHandler } from '@modelcontextprotocol/node'
import type { NodeIncomingMessageLike } from '@modelcontextprotocol/node'
import { createMcpHandler } from '@modelcontextprotocol/server'
import Fastify from 'fastify'
import { serve } from './host.ts'
import { buildServer } from './sdk-server.ts'

const handle = toNodeHandler(createMcpHandler(() => buildServer()))
const app = Fastify()

app.all('/mcp', async (request, reply) => {
  reply.hijack()
  // Node's own type does not fit the adapter's under exactOptionalPropertyTypes.
  await handle(request.raw as NodeIncomingMessageLike, reply.raw, request.body)
})

await serve(app)
