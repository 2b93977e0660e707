/** Servers on real sockets, of 127.0.0.1 and a port of their own. */
import { buildApp } from '@mcp/reference-server/src/app.ts'
import { readConfig, type Environment } from '@mcp/reference-server/src/config.ts'
import { isObject } from '@mcp/protocol'
import { mcpStreamable, type McpStreamableOptions } from '@mcp/streamable-core'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Test } from 'tap'

export interface Server {
  readonly app: FastifyInstance
  readonly url: string
}

/** The reference server, as its variables say. */
export async function startReference (t: Test, variables: Environment = {}): Promise<Server> {
  return listen(t, await buildApp(readConfig({ LOG_LEVEL: 'silent', MCP_STORAGE: 'memory:', ...variables })))
}

/** An endpoint of our own. */
export async function startEndpoint (t: Test, options: McpStreamableOptions): Promise<Server> {
  const app: FastifyInstance = Fastify()
  await app.register(mcpStreamable, { closeTimeoutMs: 1_000, ...options })
  return listen(t, app)
}

async function listen (t: Test, app: FastifyInstance): Promise<Server> {
  t.teardown(() => app.close())
  await app.listen({ host: '127.0.0.1', port: 0 })
  const address = app.server.address()
  return { app, url: `http://127.0.0.1:${isObject(address) ? address.port : 0}/mcp` }
}
