/** The limits after authentication: by principal, and how much a caller has under way at once. */
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { CallerKeys } from './caller.ts'
import type { Count, Counters } from './counters.ts'
import { InFlight } from './in-flight.ts'
import { overLimit, send, tooBusy } from './refusal.ts'
import type { Limit, Settings } from './settings.ts'

/** In `preParsing`: who is calling is known, and nothing of the body was read. */
export function addCallerLimits (fastify: FastifyInstance, settings: Settings, counters: Counters, keys: CallerKeys): void {
  const { rateLimit, concurrency } = settings
  const limit = rateLimit?.principal ?? null
  const inFlight = concurrency === null ? null : new InFlight(concurrency)
  if (limit === null && inFlight === null) return

  fastify.addHook('preParsing', function limitCaller (request, reply, _payload, done) {
    if (request.routeOptions.config.mcp !== true) return done()
    const principal = request.mcpPrincipal
    const caller = keys.of(principal, request.ip)
    if (inFlight !== null && request.method === 'POST') {
      const full = inFlight.enter(caller, request, reply)
      if (full === 'caller') return send(reply, tooBusy(429, 'Too many requests of this caller are under way'))
      if (full === 'total') return send(reply, tooBusy(503, 'The server has too many requests under way'))
    }
    // Without a principal the address was counted already.
    if (limit === null || principal === null) return done()
    const counted = counters.hit(`request ${caller}`, limit.windowMs)
    if (!(counted instanceof Promise)) return passes(counted, limit, reply) ? done() : undefined
    counted.then(late => { if (passes(late, limit, reply)) done() }, done)
  })
}

function passes ({ count, leftMs }: Count, limit: Limit, reply: FastifyReply): boolean {
  if (count <= limit.max) return true
  send(reply, overLimit('requests of this caller', limit, leftMs))
  return false
}
