/** Who may know what is going on at this node: those on its machine, or, where callers are authenticated, those with a scope for it. */
import { ErrorCode, type Principal, type Refusal } from '@mcp/protocol'
import { FastifyRequestHead, sendRefusal } from '@mcp/streamable-core'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Config } from './config.ts'
import { hostFault, hostPolicy, isBehindProxy, isForeign, isFromHere } from './console-guard.ts'

/** What a credential has to be for. */
export const ADMIN_SCOPE = 'mcp:admin'

/** A hook that turns everybody else away. */
export function adminsOnly (app: FastifyInstance, config: Config): (request: FastifyRequest, reply: FastifyReply) => Promise<void> {
  const policy = hostPolicy(config)
  const behindProxy = isBehindProxy(config)

  const refusalOf = async (request: FastifyRequest): Promise<Refusal | null> => {
    if (app.mcpAuth === undefined) {
      if (!config.localAdmin) return forbidden('set MCP_LOCAL_ADMIN=on to answer every caller on the same machine, or MCP_AUTH to ask for a credential')
      return !behindProxy && isFromHere(request) ? null : forbidden('this answers callers on the same machine, without a proxy between')
    }
    const verdict = await app.mcpAuth.authenticate(new FastifyRequestHead(request))
    if (verdict.kind === 'refused') return verdict
    return mayLook(verdict.principal) ? null : app.mcpAuth.lacking?.([ADMIN_SCOPE]) ?? forbidden(`the credential lacks the scope ${ADMIN_SCOPE}`)
  }
  return async (request, reply) => {
    const fault = hostFault(request, policy) ?? (isForeign(request) ? 'pages of other origins are told nothing here' : undefined)
    const refusal = fault !== undefined ? forbidden(fault) : await refusalOf(request)
    if (refusal !== null) sendRefusal(reply, refusal)
  }
}

function mayLook ({ scopes }: Principal): boolean {
  return scopes.includes(ADMIN_SCOPE)
}

function forbidden (reason: string): Refusal {
  return { kind: 'refused', rung: 'admin', status: 403, id: undefined, code: ErrorCode.InvalidRequest, message: `Forbidden: ${reason}` }
}
