import type { SseConnection } from './connection.ts'

declare module 'fastify' {
  interface FastifyReply {
    /**
     * Answers with an event stream: sets its headers, sends the reply, and returns the connection to write frames to.
     * Hooks run and headers set before survive. With `silent` the headers wait for the first frame.
     *
     * @throws `MCP_SSE_REPLY_SENT`
     */
    mcpStream (options?: { readonly silent?: boolean }): SseConnection
  }
}
