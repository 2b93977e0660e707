/** The reference server with its console, in this process. */
import { buildApp } from '@mcp/reference-server/src/app.ts'
import { readConfig, type Environment } from '@mcp/reference-server/src/config.ts'
import { consoleFiles } from '@mcp/reference-server/src/console-files.ts'
import type { Test } from 'tap'

/** @returns The origin it is at. @throws When the console is not built. */
export async function startConsoleServer (t: Test, variables: Environment = {}): Promise<string> {
  if (consoleFiles() === null) throw new Error('the console is not built: npx --yes pnpm@12 --filter @mcp/console build')
  const app = await buildApp(readConfig({ LOG_LEVEL: 'silent', MCP_STORAGE: 'memory:', MCP_LEGACY_SSE: 'on', MCP_LOCAL_ADMIN: 'on', ...variables }))
  t.teardown(() => app.close())
  return app.listen({ host: '127.0.0.1', port: 0 })
}
