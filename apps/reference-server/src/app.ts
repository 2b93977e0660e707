import { mcpAuth } from '@mcp/auth'
import { mcpLegacySse, type McpLegacySseOptions } from '@mcp/legacy-sse'
import type { ExchangeHandler, McpApplication } from '@mcp/protocol'
import { sdkApplication } from '@mcp/sdk-adapter'
import { mcpSecurity } from '@mcp/security'
import { mcpStorage } from '@mcp/storage'
import { mcpStreamable } from '@mcp/streamable-core'
import { mcpTelemetry } from '@mcp/telemetry'
import Fastify, { LogController, type FastifyInstance } from 'fastify'
import { addAdmin } from './admin.ts'
import type { Config } from './config.ts'
import { addConsole } from './console.ts'
import { addHealth } from './health.ts'
import { addMetrics } from './metrics.ts'
import { rawApplication } from './raw.ts'
import { buildServer } from './sdk/server.ts'
import { securityOptions } from './security.ts'
import { openStorage } from './storage.ts'

/** Milliseconds for a request to arrive whole, and for its header fields alone. Fastify's default is to wait for bodies for ever. */
const TIMEOUTS = { requestTimeout: 60_000, http: { headersTimeout: 20_000 } }

/** Builds the server without listening. Logs go to stderr: stdout is for people. */
export async function buildApp (config: Config): Promise<FastifyInstance> {
  const { path, sessions, allowedHosts, allowedOrigins, auth, trustedProxies } = config
  const app = Fastify({
    ...TIMEOUTS,
    ...(trustedProxies !== undefined && { trustProxy: [...trustedProxies] }),
    logger: { level: config.logLevel, stream: process.stderr },
    // One line per request is for those who ask for it; refusals are logged with their reason anyway.
    logController: new LogController({ disableRequestLogging: !['debug', 'trace'].includes(config.logLevel) })
  })
  await app.register(mcpSecurity, securityOptions(config, app))
  if (auth.mode !== 'off') await app.register(mcpAuth, auth.options)
  if (config.console || config.metrics || config.spans) await app.register(mcpTelemetry, { spans: config.spans })
  await app.register(mcpStorage, { storage: openStorage(config.storage, app.log) })
  await app.register(mcpStreamable, {
    application: applicationFor(config, app),
    path,
    sessions,
    ...(allowedHosts !== undefined && { allowedHosts }),
    ...(allowedOrigins !== undefined && { allowedOrigins })
  })
  if (config.legacySse) await app.register(mcpLegacySse, { ...publicPrefix(config) })
  addHealth(app)
  if (config.metrics) addMetrics(app, config)
  if (config.console) {
    await addConsole(app, config)
    addAdmin(app, config, () => app.mcpTelemetry.snapshot())
  }
  return app
}

/** What a proxy puts before our paths, as far as the URL clients use tells. */
function publicPrefix ({ publicUrl, path }: Config): McpLegacySseOptions {
  const pathname = publicUrl === undefined ? path : new URL(publicUrl).pathname
  return pathname !== path && pathname.endsWith(path) ? { publicUrl: pathname.slice(0, -path.length) } : {}
}

function applicationFor (config: Config, app: FastifyInstance): McpApplication | ExchangeHandler {
  if (config.application === 'raw') return rawApplication
  return sdkApplication(() => buildServer({ publish: change => app.mcp.publish(change) }), {
    onError: error => app.log.error(error, 'The SDK server reports an error')
  })
}
