import type { AuthGate, MessageGate, Principal } from '@mcp/protocol'

declare module 'fastify' {
  interface FastifyInstance {
    /** Says who is calling; absent where nobody asks. */
    mcpAuth?: AuthGate
    /** Say whether messages may run, in their order. */
    mcpGates?: MessageGate[]
  }

  interface FastifyRequest {
    /** Who is calling; `null` where nobody asked. */
    mcpPrincipal: Principal | null
  }
}
