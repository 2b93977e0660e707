import type { MessageGate, Observer, Pace, PageOrigins, Principal } from '@mcp/protocol'

declare module 'fastify' {
  interface FastifyInstance {
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
    /** Frees the place of a POST among those under way: its calls have places of their own, or it is over. */
    mcpPlace: (() => void) | null
  }

  interface FastifyContextConfig {
    /** Marks the routes of MCP endpoints for hooks of other plugins. */
    mcp?: boolean
  }
}
