/** Whom a session belongs to: its principal, at the path with the parameters it was opened at. */
import { principalKey } from '@mcp/protocol'
import type { FastifyRequest } from 'fastify'

/** An endpoint at `/:tenant/mcp` is one endpoint for each tenant: the session of one is unknown to the others. */
export function sessionOwner ({ mcpPrincipal, params }: Pick<FastifyRequest, 'mcpPrincipal' | 'params'>): string {
  const key = principalKey(mcpPrincipal)
  const entries = Object.entries(Object(params))
  return entries.length === 0 ? key : `${key} at ${JSON.stringify(entries)}`
}
