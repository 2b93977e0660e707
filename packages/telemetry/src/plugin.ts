import type { Observer } from '@mcp/protocol'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { Registry } from 'prom-client'
import { MCP_TELEMETRY_ALREADY_REGISTERED, MCP_TELEMETRY_NO_OPENTELEMETRY, MCP_TELEMETRY_REGISTRY_TAKEN } from './errors.ts'
import { Meter } from './meter.ts'
import { register } from './metrics.ts'
import { settingsFrom, type IncomingContext, type McpTelemetryOptions } from './options.ts'
import { StoredSessions } from './stored-sessions.ts'
import { Telemetry } from './telemetry.ts'
import { Vocabulary } from './vocabulary.ts'

const plugin: FastifyPluginAsync<McpTelemetryOptions> = async (fastify, options) => {
  // A scope sees the decorators of its parents; having its own beside theirs is fine.
  if (Object.hasOwn(fastify, 'mcpTelemetry')) throw new MCP_TELEMETRY_ALREADY_REGISTERED()
  const settings = settingsFrom(options)
  const registry = settings.registry ?? new Registry()
  const vocabulary = new Vocabulary(settings.maxNames, settings.methods)
  const meter = new Meter(vocabulary, settings.maxSeries)
  const stored = new StoredSessions(meter.stores, error => fastify.log.warn({ err: error }, 'the storage does not say how many sessions it holds'))

  const spans = settings.spans ? await spanObserver(vocabulary, settings.incomingContext) : []
  const unregister = registered(registry, meter, stored)
  fastify.addHook('onClose', async () => unregister())
  fastify.decorate('mcpTelemetry', new Telemetry(registry, meter, stored))
  // The meter goes first: it learns the names that spans are called by.
  observe(fastify, [meter, ...spans])
}

function registered (registry: Registry, meter: Meter, stored: StoredSessions): () => void {
  try {
    return register(registry, meter, stored)
  } catch {
    throw new MCP_TELEMETRY_REGISTRY_TAKEN()
  }
}

/** A list of its own for each scope; endpoints ask the scopes around theirs, too. */
function observe (fastify: FastifyInstance, observers: readonly Observer[]): void {
  if (!Object.hasOwn(fastify, 'mcpObservers')) fastify.decorate('mcpObservers', [])
  fastify.mcpObservers?.push(...observers)
}

/** Loaded only where it is wanted: its package is a peer that need not be there. */
async function spanObserver (vocabulary: Vocabulary, incoming: IncomingContext): Promise<Observer[]> {
  try {
    const { SpanObserver } = await import('./spans/span-observer.ts')
    return [new SpanObserver(vocabulary, incoming)]
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND' && error.message.includes('@opentelemetry/api')
    throw missing ? new MCP_TELEMETRY_NO_OPENTELEMETRY() : error
  }
}

/** Metrics and spans of every endpoint in the scope it is registered in, and below. Decorates it with `fastify.mcpTelemetry`. */
export const mcpTelemetry: FastifyPluginAsync<McpTelemetryOptions> = fp(plugin, { fastify: '5.x', name: '@mcp/telemetry' })

export default mcpTelemetry
