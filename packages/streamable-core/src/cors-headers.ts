/** What CORS beside the endpoint leaves out. */
import { CORS_EXPOSED_HEADERS } from '@mcp/protocol'
import type { FastifyInstance, FastifyReply } from 'fastify'

const ALLOW_ORIGIN = 'access-control-allow-origin'
const EXPOSE = 'access-control-expose-headers'

const OTHER_LIST = '@fastify/cors is registered, but the endpoint allows only pages of its own origin and, on a loopback address, of this machine: ' +
  'set allowedOrigins of mcpStreamable to the list that @fastify/cors has'

/** Lets a page that CORS allows read the headers of MCP. Whoever set CORS may not know them. */
export function exposeHeaders (reply: FastifyReply): void {
  if (!reply.hasHeader(ALLOW_ORIGIN)) return
  const exposed = String(reply.getHeader(EXPOSE) ?? '')
  const known = new Set(exposed.toLowerCase().split(',').map(name => name.trim()))
  if (known.has('*') && reply.getHeader('access-control-allow-credentials') === undefined) return
  const missing = CORS_EXPOSED_HEADERS.filter(name => !known.has(name.toLowerCase()))
  if (missing.length > 0) reply.header(EXPOSE, [exposed, ...missing].filter(part => part !== '').join(', '))
}

/** The preflight of such a page passes, and its POST would not. */
export function warnOfOtherCors (scope: FastifyInstance, own: unknown): void {
  if (own === undefined && scope.mcpPageOrigins === undefined && scope.hasPlugin('@fastify/cors')) scope.log.warn(OTHER_LIST)
}
