/** Ours, with the raw application. */
import { mcpAuth } from '@mcp/auth'
import { mcpStorage } from '@mcp/storage'
import { mcpStreamable } from '@mcp/streamable-core'
import { mcpTelemetry } from '@mcp/telemetry'
import Fastify from 'fastify'
import { serve } from './host.ts'
import { rawApplication } from './raw-application.ts'
import { auth, limits, openStorage, telemetry } from './settings.ts'

const app = Fastify()
await app.register(mcpStorage, { storage: openStorage() })
if (auth !== null) await app.register(mcpAuth, auth)
if (telemetry !== null) await app.register(mcpTelemetry, telemetry)
await app.register(mcpStreamable, { application: rawApplication, path: '/mcp', limits })
await serve(app)
