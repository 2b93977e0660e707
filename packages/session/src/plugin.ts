import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { MCP_SESSION_ALREADY_REGISTERED } from './errors.ts'
import { checkSessionsOptions, type McpSessionsOptions } from './options.ts'
import { Sessions } from './sessions.ts'

const plugin: FastifyPluginAsync<McpSessionsOptions> = async (fastify, options) => {
  // A scope sees the decorators of its parents; having its own beside theirs is fine.
  if (Object.hasOwn(fastify, 'mcpSessions')) throw new MCP_SESSION_ALREADY_REGISTERED()
  const sessions = new Sessions(fastify.mcpStorage, checkSessionsOptions(options), fastify.log)
  fastify.decorate('mcpSessions', sessions)
  if (!fastify.hasRequestDecorator('mcpSession')) fastify.decorateRequest('mcpSession', null)
  fastify.addHook('onClose', () => sessions.close())
}

/** Decorates the scope with `fastify.mcpSessions` and requests with `request.mcpSession`. Needs `mcpStorage`. */
export const mcpSessions: FastifyPluginAsync<McpSessionsOptions> = fp(plugin, {
  fastify: '5.x', name: '@mcp/session', dependencies: ['@mcp/storage']
})

export default mcpSessions
