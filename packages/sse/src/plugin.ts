import type { StreamWatch } from '@mcp/protocol'
import type { FastifyInstance, FastifyPluginAsync, FastifyReply } from 'fastify'
import fp from 'fastify-plugin'
import { SseConnection, type ConnectionLimits } from './connection.ts'
import { MCP_SSE_ALREADY_REGISTERED, MCP_SSE_REPLY_SENT } from './errors.ts'
import { KeepAlive, SWEEPS_PER_INTERVAL } from './keep-alive.ts'
import { checkSseOptions, type McpSseOptions } from './options.ts'
import { UnsentBudget } from './unsent-budget.ts'
import { whenOver } from './when-over.ts'

const registered = Symbol('mcp.sse.registered')

/** Options of `reply.mcpStream()`. */
export interface StreamOptions {
  /** The headers wait for the first frame. Default `false`. */
  readonly silent?: boolean
  /** Hears what is written and how it ends. */
  readonly watch?: StreamWatch | undefined
}

const plugin: FastifyPluginAsync<McpSseOptions> = async (fastify, options) => {
  // A scope sees the decorators of its parents; having its own beside theirs is fine.
  if (Object.hasOwn(fastify, registered)) throw new MCP_SSE_ALREADY_REGISTERED()
  const { keepAliveMs, stallMs, maxUnsentBytes, maxTotalUnsentBytes } = checkSseOptions(options)
  fastify.decorate(registered, keepAliveMs)
  const keepAlive = new KeepAlive(keepAliveMs)
  const budget = new UnsentBudget(maxTotalUnsentBytes, () => keepAlive.connections())
  const limits: ConnectionLimits = { maxUnsentBytes, maxStalledSweeps: Math.ceil(stallMs * SWEEPS_PER_INTERVAL / keepAliveMs), budget }

  let closing = false
  fastify.decorateReply('mcpStream', function (this: FastifyReply, options: StreamOptions = {}) {
    return openStream(this, limits, keepAlive, closing, options)
  })
  // An open stream would keep `close()` waiting: each one is asked to end before the server stops listening.
  fastify.addHook('preClose', async () => {
    closing = true
    for (const connection of keepAlive.connections()) connection.shutdown()
  })
}

function openStream (
  reply: FastifyReply, limits: ConnectionLimits, keepAlive: KeepAlive, closing: boolean, { silent, watch }: StreamOptions
): SseConnection {
  if (reply.sent) throw new MCP_SSE_REPLY_SENT()
  const connection = new SseConnection(limits, over => keepAlive.delete(over), silent, watch)
  keepAlive.add(connection)
  reply.header('content-type', 'text/event-stream')
  reply.header('cache-control', 'no-cache, no-transform')
  reply.header('x-accel-buffering', 'no')
  if (closing && reply.request.raw.httpVersionMajor === 1) reply.header('connection', 'close')
  reply.send(connection)
  // A hook may put a stream of its own between the two, and then nobody else tells.
  whenOver(reply, () => connection.abort('peer'))
  return connection
}

/** The `keepAliveMs` of the `mcpSse` that a scope sees, milliseconds; `undefined` where there is none. */
export function keepAliveOf (fastify: FastifyInstance): number | undefined {
  const keepAliveMs: unknown = Reflect.get(fastify, registered)
  return typeof keepAliveMs === 'number' ? keepAliveMs : undefined
}

/** Decorates replies with `reply.mcpStream()`: streamed replies that keep hooks, headers and backpressure intact. */
export const mcpSse: FastifyPluginAsync<McpSseOptions> = fp(plugin, { fastify: '5.x', name: '@mcp/sse' })

export default mcpSse
