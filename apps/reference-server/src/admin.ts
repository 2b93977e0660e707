/** What is going on at this node: for those on its machine, or, where callers are authenticated, for those who may know. */
import type { NodeStatus, TrafficSnapshot } from '@mcp/console/contract'
import { ErrorCode, type Principal, type Refusal } from '@mcp/protocol'
import { FastifyRequestHead, sendRefusal } from '@mcp/streamable-core'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Config } from './config.ts'
import { hostFault, hostPolicy, isBehindProxy, isForeign, isFromHere } from './console-guard.ts'

export const NODE_PATH = '/admin/node.json'
/** What a credential has to be for. */
export const ADMIN_SCOPE = 'mcp:admin'

/** The page asks once a second; guesses at credentials end here where there are limits. */
const RATE_LIMIT = { max: 300, timeWindow: '1 minute' }

/** Adds `GET /admin/node.json`, which answers a {@link NodeStatus}. */
export function addAdmin (app: FastifyInstance, config: Config, traffic: () => TrafficSnapshot): void {
  const policy = hostPolicy(config)
  const behindProxy = isBehindProxy(config)

  const admit = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const fault = hostFault(request, policy) ?? (isForeign(request) ? 'pages of other origins are told nothing here' : undefined)
    const refusal = fault !== undefined ? forbidden(fault) : await refusalOf(request)
    if (refusal !== null) sendRefusal(reply, refusal)
  }
  const refusalOf = async (request: FastifyRequest): Promise<Refusal | null> => {
    if (app.mcpAuth === undefined) {
      return !behindProxy && isFromHere(request) ? null : forbidden('this answers callers on the same machine, without a proxy between')
    }
    const verdict = await app.mcpAuth.authenticate(new FastifyRequestHead(request))
    if (verdict.kind === 'refused') return verdict
    return mayLook(verdict.principal) ? null : app.mcpAuth.lacking?.([ADMIN_SCOPE]) ?? forbidden(`the credential lacks the scope ${ADMIN_SCOPE}`)
  }

  app.get(NODE_PATH, { onRequest: admit, config: { rateLimit: RATE_LIMIT } }, async (_request, reply) => {
    reply.header('cache-control', 'no-store')
    return status(app, traffic())
  })
}

function mayLook ({ scopes }: Principal): boolean {
  return scopes.includes(ADMIN_SCOPE)
}

function status (app: FastifyInstance, traffic: TrafficSnapshot): NodeStatus {
  const { rss, heapUsed } = process.memoryUsage()
  const uptimeMs = Math.round(process.uptime() * 1000)
  return { at: performance.now(), uptimeMs, draining: app.mcp.draining, memory: { rss, heapUsed }, traffic }
}

function forbidden (reason: string): Refusal {
  return { kind: 'refused', rung: 'admin', status: 403, id: undefined, code: ErrorCode.InvalidRequest, message: `Forbidden: ${reason}` }
}
