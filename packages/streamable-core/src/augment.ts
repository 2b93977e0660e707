import type { AuthGate, MessageGate, Observer, Pace, PageOrigins, Principal } from '@mcp/protocol'
import type { McpEndpoint } from './endpoint.ts'

declare module 'fastify' {
  interface FastifyInstance {
    mcp: McpEndpoint
    /** Says who is calling; absent where nobody asks. */
    mcpAuth?: AuthGate
    /** Say whether messages may run, in their order. */
    mcpGates?: MessageGate[]
    /** How often applications may report progress and log; absent where nobody limits it. */
    mcpPace?: Pace
    /** Watch what endpoints do; those of a scope and of the scopes around it. */
    mcpObservers?: Observer[]
    /** Which pages may call; absent where no plugin of this project answers CORS. */
    mcpPageOrigins?: PageOrigins
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
