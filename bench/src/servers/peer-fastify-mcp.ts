/** Peer: the `fastify-mcp` plugin with sessions. */
import type { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import Fastify from 'fastify'
import { Sessions, streamableHttp } from 'fastify-mcp'
import { serve } from './host.ts'
import { buildV1Server } from './sdk-v1-server.ts'

const app = Fastify()

await app.register(streamableHttp, {
  stateful: true,
  mcpEndpoint: '/mcp',
  sessions: new Sessions<StreamableHTTPServerTransport>(),
  createServer: () => buildV1Server().server
})

await serve(app)
