import type { McpSession } from '@mcp/protocol'
import type { Sessions } from './sessions.ts'

declare module 'fastify' {
  interface FastifyInstance {
    mcpSessions: Sessions
  }

  interface FastifyRequest {
    /** The session this request belongs to; `null` before it is known, in the modern era, and without sessions. */
    mcpSession: McpSession | null
  }
}
