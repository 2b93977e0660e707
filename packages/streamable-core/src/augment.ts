import type { Principal } from '@mcp/protocol'
import type { McpEndpoint } from './endpoint.ts'

declare module 'fastify' {
  interface FastifyInstance {
    mcp: McpEndpoint
  }

  interface FastifyRequest {
    /** Who is calling; `null` where nobody asked. */
    mcpPrincipal: Principal | null
  }
}
