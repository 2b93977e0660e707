/** A batch counts as its number of requests: one was counted when its head came, the others are counted before any of them runs. */
import { messageKind } from '@mcp/protocol'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { CallerKeys } from './caller.ts'
import type { Count, Counters } from './counters.ts'
import type { InFlight } from './in-flight.ts'
import { send, tooBusy, within } from './refusal.ts'
import type { Limit, Settings } from './settings.ts'

export function addBatchLimits (
  fastify: FastifyInstance, { rateLimit }: Settings, counters: Counters, keys: CallerKeys, inFlight: InFlight | null
): void {
  if (rateLimit === null && inFlight === null) return
  const exempt = new Set(rateLimit?.address?.allowList.map(address => keys.network(address)))
  /** The limit that counted the request, and its key. */
  const limitOf = ({ mcpPrincipal, ip }: FastifyRequest): readonly [Limit, string] | null => {
    if (mcpPrincipal !== null) return rateLimit?.principal ? [rateLimit.principal, `request ${keys.of(mcpPrincipal, ip)}`] : null
    const network = keys.network(ip)
    return rateLimit?.address && !exempt.has(network) ? [rateLimit.address, `request address ${network}`] : null
  }

  fastify.addHook('preHandler', function limitBatch (request, reply, done) {
    if (!Array.isArray(request.body) || request.routeOptions.config.mcp !== true) return done()
    const others = request.body.filter(message => messageKind(message) === 'request').length - 1
    if (others < 1) return done()
    const full = inFlight?.roomFor(keys.of(request.mcpPrincipal, request.ip), others) ?? null
    if (full !== null) return send(reply, tooBusy(full === 'caller' ? 429 : 503, 'The batch holds more requests than may be under way'))
    const counted = limitOf(request)
    if (counted === null) return done()
    const [limit, key] = counted
    const counts = Array.from({ length: others }, () => counters.hit(key, limit.windowMs))
    Promise.all(counts).then(all => { if (within(limit, highest(all), 'requests', reply)) done() }, done)
  })
}

function highest (counts: readonly Count[]): Count {
  return counts.reduce((one, other) => other.count > one.count ? other : one)
}
