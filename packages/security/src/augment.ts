import type { MessageGate, Principal } from '@mcp/protocol'

declare module 'fastify' {
  interface FastifyInstance {
    /** Say whether messages may run, in their order. */
    mcpGates?: MessageGate[]
  }

  interface FastifyRequest {
    /** Who is calling; `null` where nobody asked. */
    mcpPrincipal: Principal | null
  }

  interface FastifyContextConfig {
    /** Marks the routes of MCP endpoints for hooks of other plugins. */
    mcp?: boolean
  }
}
