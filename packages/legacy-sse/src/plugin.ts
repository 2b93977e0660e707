import { eraOf } from '@mcp/protocol'
import { below, Endpoint, normalPrefix } from '@mcp/streamable-core'
import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { MCP_LEGACY_SSE_ALREADY_REGISTERED, MCP_LEGACY_SSE_BAD_OPTION, MCP_LEGACY_SSE_MODERN_ONLY, MCP_LEGACY_SSE_NO_ENDPOINT } from './errors.ts'
import { checkLegacySseOptions, type McpLegacySseOptions } from './options.ts'
import { MessagesUrl, parametersOf } from './messages-url.ts'
import { addRoutes } from './routes.ts'
import { SseSessions } from './sse-sessions.ts'

const registered = Symbol('mcp.legacy-sse.registered')

const plugin: FastifyPluginAsync<McpLegacySseOptions> = async (fastify, options) => {
  if (Object.hasOwn(fastify, registered)) throw new MCP_LEGACY_SSE_ALREADY_REGISTERED()
  fastify.decorate(registered, true)
  const settings = checkLegacySseOptions(options)
  const { ssePath, messagesPath, publicUrl, shareEndpoint, logLevel } = settings
  const prefix = normalPrefix(settings.prefix)
  const missing = parametersOf(messagesPath).find(name => !parametersOf(below(fastify, prefix + ssePath)).includes(name))
  if (missing !== undefined) {
    throw new MCP_LEGACY_SSE_BAD_OPTION(`option "messagesPath" has the parameter ":${missing}", which "ssePath" lacks: the stream would not know its value`)
  }
  const endpoint: unknown = fastify.mcp
  if (!(endpoint instanceof Endpoint)) throw new MCP_LEGACY_SSE_NO_ENDPOINT()
  if (!endpoint.revisions.some(revision => eraOf(revision) === 'legacy')) throw new MCP_LEGACY_SSE_MODERN_ONLY(endpoint.revisions.join(', '))

  const messagesUrl = publicUrl === undefined ? below(fastify, prefix + messagesPath) : publicUrl.replace(/\/+$/, '') + messagesPath
  const sessions = new SseSessions(endpoint, new MessagesUrl(messagesUrl), parametersOf(below(fastify, prefix + messagesPath)))
  if (shareEndpoint) endpoint.sseOpener = sessions.open
  // The endpoint has finished what ran: its hook was there first.
  fastify.addHook('preClose', async () => sessions.close())
  // A scope of its own keeps our body parser away from the routes around it.
  const routes = { ssePath: prefix + ssePath, messagesPath: prefix + messagesPath, logSerializers: settings.logSerializers }
  await fastify.register(async scope => addRoutes(scope, endpoint, sessions, routes), logLevel === undefined ? {} : { logLevel })
}

/** Serves clients of protocol version 2024-11-05, which knows nothing of Streamable HTTP, on the endpoint registered before it. */
export const mcpLegacySse: FastifyPluginAsync<McpLegacySseOptions> = fp(plugin, { fastify: '5.x', name: '@mcp/legacy-sse' })

export default mcpLegacySse
