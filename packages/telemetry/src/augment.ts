import type { Observer } from '@mcp/protocol'
import type { McpTelemetry } from './telemetry.ts'

declare module 'fastify' {
  interface FastifyInstance {
    mcpTelemetry: McpTelemetry
    /** Watch what endpoints do; those of a scope and of the scopes around it. */
    mcpObservers?: Observer[]
  }
}
