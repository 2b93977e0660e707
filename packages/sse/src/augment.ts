import type { SseConnection } from './connection.ts'
import type { StreamOptions } from './plugin.ts'

declare module 'fastify' {
  interface FastifyReply {
    /**
     * Answers with an event stream: sets its headers, sends the reply, and returns the connection to write frames to.
     * Hooks run and headers set before survive.
     *
     * @throws `MCP_SSE_REPLY_SENT`
     */
    mcpStream (options?: StreamOptions): SseConnection
  }
}
