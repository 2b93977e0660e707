/** The limit before authentication: by where the connection comes from, or what a trusted proxy says of that. */
import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance } from 'fastify'
import type { CallerKeys } from './caller.ts'
import { counterStore } from './counter-store.ts'
import type { Counters } from './counters.ts'
import { within } from './refusal.ts'
import type { AddressLimit } from './settings.ts'

const WHAT = 'requests from this address'

/**
 * A hook of the scope: one of the route would come after authentication. Endpoints alone are counted, in the same turn of the
 * event loop where counts are in memory.
 */
export function addAddressLimit (fastify: FastifyInstance, limit: AddressLimit, counters: Counters, keys: CallerKeys): void {
  const exempt = new Set(limit.allowList.map(address => keys.network(address)))
  fastify.addHook('onRequest', function limitAddress (request, reply, done) {
    if (request.routeOptions.config.mcp !== true) return done()
    const network = keys.network(request.ip)
    if (exempt.has(network)) return done()
    const counted = counters.hit(`request address ${network}`, limit.windowMs)
    if (!(counted instanceof Promise)) return within(limit, counted, WHAT, reply) ? done() : undefined
    counted.then(late => { if (within(limit, late, WHAT, reply)) done() }, done)
  })
}

/**
 * Other routes of the scope get limits from `@fastify/rate-limit`, over the same counters (`config: { rateLimit }`); unless a
 * scope around it has registered that itself.
 */
export async function registerRouteLimits (fastify: FastifyInstance, counters: Counters, keys: CallerKeys): Promise<void> {
  if (fastify.hasDecorator('rateLimit')) return
  await fastify.register(rateLimit, {
    global: false, keyGenerator: request => keys.network(request.ip), skipOnError: true, store: counterStore(counters, 'route')
  })
}
