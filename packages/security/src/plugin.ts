import type { Observer } from '@mcp/protocol'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { addAddressLimit, registerRouteLimits } from './address-limit.ts'
import { CallerKeys } from './caller.ts'
import { addBatchLimits } from './batch-limits.ts'
import { addCallerLimits } from './caller-limits.ts'
import { registerCors } from './cors.ts'
import { MemoryCounters, type Counters } from './counters.ts'
import { MCP_SECURITY_ALREADY_REGISTERED, MCP_SECURITY_BAD_OPTION } from './errors.ts'
import { InFlight } from './in-flight.ts'
import { MessageLimits } from './message-limits.ts'
import type { McpSecurityOptions } from './options.ts'
import { RedisCounters } from './redis-counters.ts'
import { registerHelmet } from './security-headers.ts'
import { settingsFrom, type RateLimitSettings } from './settings.ts'

const registered = Symbol('mcp.security.registered')

const plugin: FastifyPluginAsync<McpSecurityOptions> = async (fastify, options) => {
  // Its hooks already run in every scope below, and twice is not what anybody means.
  if (fastify.hasDecorator(registered)) throw new MCP_SECURITY_ALREADY_REGISTERED()
  fastify.decorate(registered, true)
  const settings = settingsFrom(options)
  const { helmet, cors, rateLimit, pace } = settings
  if (!fastify.hasRequestDecorator('mcpPrincipal')) fastify.decorateRequest('mcpPrincipal', null)

  // In this order: what comes later refuses with the headers of what came before, and a preflight meets no limit.
  if (helmet !== null) await registerHelmet(fastify, helmet)
  if (cors !== null && mayAnswerCors(fastify, options)) await registerCors(fastify, cors)
  const counters = countersFor(fastify, rateLimit)
  const keys = new CallerKeys(settings.ipv6Subnet)
  if (rateLimit !== null) {
    if (rateLimit.address !== null) addAddressLimit(fastify, rateLimit.address, counters, keys)
    await registerRouteLimits(fastify, counters, keys)
    addGate(fastify, rateLimit, counters, keys)
  }
  const inFlight = settings.concurrency === null ? null : new InFlight(settings.concurrency, keys)
  if (inFlight !== null) addObserver(fastify, inFlight)
  addCallerLimits(fastify, settings, counters, keys, inFlight)
  addBatchLimits(fastify, settings, counters, keys, inFlight)
  if (pace !== null) fastify.decorate('mcpPace', pace)
}

/**
 * The application has CORS of its own, which a second one would contradict.
 * @throws `MCP_SECURITY_BAD_OPTION` when both were given rules
 */
function mayAnswerCors (fastify: FastifyInstance, { cors }: McpSecurityOptions): boolean {
  if (!fastify.hasPlugin('@fastify/cors')) return true
  if (cors !== undefined) {
    throw new MCP_SECURITY_BAD_OPTION('option "cors" is set, but @fastify/cors is already registered in this scope or one around it: remove one of them')
  }
  fastify.log.info('CORS is left to @fastify/cors, which is already registered')
  return false
}

function countersFor (fastify: FastifyInstance, settings: RateLimitSettings | null): Counters {
  const local = new MemoryCounters(settings?.cache ?? 0)
  if (settings?.redis === undefined) return local
  return new RedisCounters(settings.redis, settings.keyPrefix, local, fastify.log)
}

/** A list of its own for each scope: a gate of a child is no business of its siblings. */
function addGate (fastify: FastifyInstance, settings: RateLimitSettings, counters: Counters, keys: CallerKeys): void {
  if (settings.methods.size + settings.tools.size === 0) return
  if (!Object.hasOwn(fastify, 'mcpGates')) fastify.decorate('mcpGates', [...(fastify.mcpGates ?? [])])
  fastify.mcpGates?.push(new MessageLimits(settings, counters, keys, fastify.log))
}

function addObserver (fastify: FastifyInstance, observer: Observer): void {
  if (!fastify.hasRequestDecorator('mcpPlace')) fastify.decorateRequest('mcpPlace', null)
  if (!Object.hasOwn(fastify, 'mcpObservers')) fastify.decorate('mcpObservers', [])
  fastify.mcpObservers?.push(observer)
}

/** CORS, security headers, rate limits and caps that are right for MCP endpoints, over the scope it is registered in. */
export const mcpSecurity: FastifyPluginAsync<McpSecurityOptions> = fp(plugin, { fastify: '5.x', name: '@mcp/security' })

export default mcpSecurity
