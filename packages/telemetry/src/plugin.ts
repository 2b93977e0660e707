import type { Observer } from '@mcp/protocol'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { Registry } from 'prom-client'
import { MCP_TELEMETRY_ALREADY_REGISTERED, MCP_TELEMETRY_REGISTRY_TAKEN } from './errors.ts'
import { Meter } from './meter.ts'
import { register } from './metrics.ts'
import { settingsFrom, type McpTelemetryOptions } from './options.ts'
import { StoredSessions } from './stored-sessions.ts'
import { Telemetry } from './telemetry.ts'
import { Vocabulary } from './vocabulary.ts'

const plugin: FastifyPluginAsync<McpTelemetryOptions> = async (fastify, options) => {
  // A scope sees the decorators of its parents; having its own beside theirs is fine.
  if (Object.hasOwn(fastify, 'mcpTelemetry')) throw new MCP_TELEMETRY_ALREADY_REGISTERED()
  const settings = settingsFrom(options)
  const registry = settings.registry ?? new Registry()
  const meter = new Meter(new Vocabulary(settings.maxNames, settings.methods), settings.maxSeries)
  const stored = new StoredSessions(meter.stores, error => fastify.log.warn({ err: error }, 'the storage does not say how many sessions it holds'))

  const unregister = registered(registry, meter, stored)
  fastify.addHook('onClose', async () => unregister())
  fastify.decorate('mcpTelemetry', new Telemetry(registry, meter, stored))
  observe(fastify, meter)
}

function registered (registry: Registry, meter: Meter, stored: StoredSessions): () => void {
  try {
    return register(registry, meter, stored)
  } catch {
    throw new MCP_TELEMETRY_REGISTRY_TAKEN()
  }
}

/** A list of its own for each scope; endpoints ask the scopes around theirs, too. */
function observe (fastify: FastifyInstance, observer: Observer): void {
  if (!Object.hasOwn(fastify, 'mcpObservers')) fastify.decorate('mcpObservers', [])
  fastify.mcpObservers?.push(observer)
}

/** Metrics and spans of every endpoint in the scope it is registered in, and below. Decorates it with `fastify.mcpTelemetry`. */
export const mcpTelemetry: FastifyPluginAsync<McpTelemetryOptions> = fp(plugin, { fastify: '5.x', name: '@mcp/telemetry' })

export default mcpTelemetry
