/** The limit before authentication: by where the connection comes from, or what a trusted proxy says of that. */
import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { CallerKeys } from './caller.ts'
import { counterStore } from './counter-store.ts'
import type { Count, Counters } from './counters.ts'
import { overLimit, send } from './refusal.ts'
import type { AddressLimit } from './settings.ts'

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
    if (!(counted instanceof Promise)) return passes(counted, limit, reply) ? done() : undefined
    counted.then(late => { if (passes(late, limit, reply)) done() }, done)
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

function passes ({ count, leftMs }: Count, limit: AddressLimit, reply: FastifyReply): boolean {
  if (count <= limit.max) return true
  send(reply, overLimit('requests from this address', limit, leftMs))
  return false
}
