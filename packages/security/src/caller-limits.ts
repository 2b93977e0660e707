/** The limits after authentication: by principal, and how much a caller has under way at once. */
import type { FastifyInstance } from 'fastify'
import type { CallerKeys } from './caller.ts'
import type { Counters } from './counters.ts'
import type { InFlight } from './in-flight.ts'
import { send, tooBusy, within } from './refusal.ts'
import type { Settings } from './settings.ts'

const WHAT = 'requests of this caller'

/** In `preParsing`: who is calling is known, and nothing of the body was read. */
export function addCallerLimits (
  fastify: FastifyInstance, settings: Settings, counters: Counters, keys: CallerKeys, inFlight: InFlight | null
): void {
  const { rateLimit } = settings
  const limit = rateLimit?.principal ?? null
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
    if (!(counted instanceof Promise)) return within(limit, counted, WHAT, reply) ? done() : undefined
    counted.then(late => { if (within(limit, late, WHAT, reply)) done() }, done)
  })
}
