import { mcpAuth, type McpAuthOptions } from '@mcp/auth'
import { sdkApplication } from '@mcp/sdk-adapter'
import { mcpStreamable } from '@mcp/streamable-core'
import { McpServer } from '@modelcontextprotocol/server'
import Fastify, { type FastifyInstance } from 'fastify'
import { freePort } from '../../../lib/free-port.ts'
import type { Test } from 'tap'

export interface Resource {
  readonly app: FastifyInstance
  /** Where clients go, and what tokens must be for. */
  readonly url: string
  /** Every log line at `trace`, as text. */
  readonly log: () => string
}

/** An option that is `undefined` counts as absent. */
type Options = { readonly [Name in keyof McpAuthOptions]?: McpAuthOptions[Name] | undefined }

/** An endpoint with the tools `read`, `write` (which needs `mcp:write`) and `whoami`. */
export async function startResource (t: Test, options: Options): Promise<Resource> {
  let log = ''
  const app = Fastify({ logger: { level: 'trace', stream: { write: (line: string) => { log += line } } } })
  t.teardown(() => app.close())
  const port = await freePort()
  const url = `http://127.0.0.1:${port}/mcp`
  await app.register(mcpAuth, {
    resource: url,
    outgoing: { allowLoopback: true, timeoutMs: 2000 },
    scopes: { supported: ['mcp:read', 'mcp:write'], challenge: ['mcp:read'] },
    rules: [{ method: 'tools/call', scopes: ['mcp:read'] }, { tool: 'write', scopes: ['mcp:write'] }],
    ...options
  } as McpAuthOptions)
  await app.register(mcpStreamable, { closeTimeoutMs: 500, application: sdkApplication(server) })
  await app.listen({ host: '127.0.0.1', port })
  return { app, url, log: () => log }
}

function server (): McpServer {
  const server = new McpServer({ name: 'resource', version: '1' })
  const text = (text: string) => ({ content: [{ type: 'text' as const, text }] })
  server.registerTool('read', {}, () => text('read'))
  server.registerTool('write', {}, () => text('written'))
  server.registerTool('whoami', {}, ({ http }) => {
    const { clientId, scopes, expiresAt, extra } = http?.authInfo ?? {}
    return text(JSON.stringify({ clientId, scopes, expiresAt, extra }))
  })
  return server
}
