import { observersOf } from '@mcp/protocol'
import { mcpSessions } from '@mcp/session'
import { keepAliveOf, mcpSse } from '@mcp/sse'
import { mcpStorage, memoryStorage } from '@mcp/storage'
import type { FastifyBaseLogger, FastifyInstance, FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { createAdmission } from './admission.ts'
import { beforeClientError } from './client-error.ts'
import { trackConnections, type Connections } from './connections.ts'
import { Endpoint } from './endpoint.ts'
import { MCP_ENDPOINT_ALREADY_REGISTERED, MCP_ENDPOINT_BAD_OPTION } from './errors.ts'
import { warnOfOtherCors } from './cors-headers.ts'
import { createGuard } from './guard-hook.ts'
import { offerOf, whenReady } from './offer.ts'
import { checkStreamableOptions, type McpStreamableOptions, type Settings } from './options.ts'
import { below, normalPrefix } from './paths.ts'
import { addRoutes } from './routes.ts'
import { rejectUnused } from './unused-options.ts'

const plugin: FastifyPluginAsync<McpStreamableOptions> = async (fastify, options) => {
  // A scope sees the decorators of its parents; having its own beside theirs is fine.
  if (Object.hasOwn(fastify, 'mcp')) throw new MCP_ENDPOINT_ALREADY_REGISTERED()
  const checked = checkStreamableOptions(options)
  const settings = { ...checked, keepAliveMs: keepAliveOf(fastify) ?? checked.keepAliveMs }
  rejectUnused(fastify, options)
  if (checked.allowedOrigins !== undefined) fastify.mcpPageOrigins?.endpoints.push(checked.allowedOrigins)
  const connections = trackConnections(fastify)
  const closed = stopListening(fastify, connections)
  await registerMissing(fastify, settings)

  const { logLevel } = settings
  const log = logAt(fastify, logLevel)
  const path = normalPrefix(settings.prefix) + settings.path
  const admission = createAdmission(fastify, createGuard(fastify, settings))
  const endpoint = new Endpoint(below(fastify, path), settings, fastify.mcpSessions, admission, log)
  fastify.decorate('mcp', endpoint)
  if (!fastify.hasRequestDecorator('mcpPrincipal')) fastify.decorateRequest('mcpPrincipal', null)
  const onError = (error: unknown): void => fastify.log.error({ err: error }, 'an observer failed')
  fastify.addHook('onReady', async () => {
    const gates = fastify.mcpGates ?? []
    endpoint.install(fastify.mcpAuth, gates, observersOf(fastify, onError), fastify.mcpPace)
    warnOfOtherCors(fastify, checked.allowedOrigins)
    if (!gates.some(gate => gate.offers !== undefined)) return
    // The start does not wait for the answer. The application is asked when everything is ready, hooks of its own included.
    const offer = whenReady(fastify).then(() => offerOf(settings.application, settings.revisions, log))
    offer.catch(() => {})
    for (const gate of gates) gate.offers?.(offer)
  })
  closeByDeadline(fastify, connections, settings.closeTimeoutMs, closed)
  fastify.addHook('preClose', () => endpoint.finishRunning(runningMs(settings.closeTimeoutMs)))
  fastify.addHook('onClose', () => endpoint.close())

  fastify.server.prependListener('clientError', beforeClientError)
  // A scope of its own keeps our body parser away from the routes around it.
  await fastify.register(async scope => addRoutes(scope, endpoint, path), logLevel === undefined ? {} : { logLevel })
}

/** The log of the scope, with the level that the options name. Pino's own error would not name the option. */
function logAt ({ log }: FastifyInstance, level: Settings['logLevel']): FastifyBaseLogger {
  if (level === undefined) return log
  const known = 'levels' in log ? (log.levels as { values?: object }).values : undefined
  if (known === undefined || level === 'silent' || Object.hasOwn(known, level)) return log.child({}, { level })
  const names = Object.keys(known).map(name => `"${name}"`).join(', ')
  throw new MCP_ENDPOINT_BAD_OPTION(`option "logLevel" must be a level of the logger (${names} or "silent"), got ${JSON.stringify(level)}`)
}

/** What the scope has already, its own or its parents', is used as it is. */
async function registerMissing (fastify: FastifyInstance, { keepAliveMs, limits }: Settings): Promise<void> {
  if (!fastify.hasDecorator('mcpStorage')) {
    const { eventsPerSession, eventBytesPerSession, eventAgeMs, storedBytes, storedBytesPerCaller } = limits
    const events = { maxEvents: eventsPerSession, maxBytes: eventBytesPerSession, maxAgeMs: eventAgeMs }
    const budget = { bytes: storedBytes, bytesPerOwner: storedBytesPerCaller }
    await fastify.register(mcpStorage, { storage: memoryStorage({ events, budget }) })
  }
  if (!fastify.hasReplyDecorator('mcpStream')) {
    const { stallMs, unsentBytes, totalUnsentBytes } = limits
    await fastify.register(mcpSse, { keepAliveMs, stallMs, maxUnsentBytes: unsentBytes, maxTotalUnsentBytes: totalUnsentBytes })
  }
  if (!fastify.hasDecorator('mcpSessions')) {
    await fastify.register(mcpSessions, {
      idleMs: limits.sessionIdleMs,
      lifetimeMs: limits.sessionLifetimeMs,
      maxSessions: limits.sessions,
      maxSessionsPerPrincipal: limits.sessionsPerPrincipal,
      maxSessionsPerAddress: limits.sessionsPerAddress,
      maxStateBytes: limits.sessionStateBytes
    })
  }
}

/**
 * A server that closes takes no more connections at once, before it finishes what it has: a proxy tries a refused connection
 * on another node, and a request that was refused on an open one it does not. Answers what resolves when all connections ended.
 */
function stopListening (fastify: FastifyInstance, connections: Connections): () => Promise<void> {
  let closed = Promise.resolve()
  fastify.addHook('preClose', async () => {
    if (fastify.server.listening) closed = new Promise(resolve => fastify.server.close(() => resolve()))
    connections.finish()
  })
  return () => closed
}

/** Of the time to close, what requests may take: after it, their errors have to be stored and sent before the connections are cut. */
function runningMs (closeTimeoutMs: number): number {
  return closeTimeoutMs - Math.min(1_000, closeTimeoutMs / 5)
}

/** One deadline for all: running requests, their last words and connections, since a supervisor waits for the sum of them. */
function closeByDeadline (fastify: FastifyInstance, connections: Connections, timeoutMs: number, closed: () => Promise<void>): void {
  let deadline: NodeJS.Timeout | undefined
  fastify.addHook('preClose', async () => {
    deadline = setTimeout(() => connections.cut(), timeoutMs)
    deadline.unref()
  })
  fastify.addHook('onClose', async () => {
    // Fastify does not wait for the connections of a server that was closed before.
    await closed()
    clearTimeout(deadline)
  })
}

/** Serves every Streamable HTTP revision of MCP on one path. Complete on its own; decorates the scope with `fastify.mcp`. */
export const mcpStreamable: FastifyPluginAsync<McpStreamableOptions> = fp(plugin, { fastify: '5.x', name: '@mcp/streamable-core' })

export default mcpStreamable
