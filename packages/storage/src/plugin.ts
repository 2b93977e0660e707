import fp from 'fastify-plugin'
import { MCP_STORAGE_ALREADY_REGISTERED } from './errors.ts'
import { storageFrom } from './options.ts'
import type { FastifyPluginAsync } from 'fastify'
import type { McpStorageOptions } from './options.ts'

const plugin: FastifyPluginAsync<McpStorageOptions> = async (fastify, options) => {
  // A scope sees the decorators of its parents; having its own storage beside theirs is fine.
  if (Object.hasOwn(fastify, 'mcpStorage')) throw new MCP_STORAGE_ALREADY_REGISTERED()
  const storage = storageFrom(options)
  fastify.decorate('mcpStorage', storage)
  fastify.addHook('onClose', () => storage.close())
}

/**
 * Decorates the scope with `fastify.mcpStorage`: where sessions and stream events live.
 *
 * The plugin owns the storage it is given: it is closed when the Fastify instance closes, after the plugins that use it.
 *
 * @throws `MCP_STORAGE_BAD_OPTION`, `MCP_STORAGE_ALREADY_REGISTERED`
 */
export const mcpStorage: FastifyPluginAsync<McpStorageOptions> = fp(plugin, { fastify: '5.x', name: '@mcp/storage' })

export default mcpStorage
