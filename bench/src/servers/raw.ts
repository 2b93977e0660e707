/** Ours, with the raw application. */
import { mcpStorage } from '@mcp/storage'
import { mcpStreamable } from '@mcp/streamable-core'
import Fastify from 'fastify'
import { serve } from './host.ts'
import { rawApplication } from './raw-application.ts'
import { limits, openStorage } from './settings.ts'

const app = Fastify()
await app.register(mcpStorage, { storage: openStorage() })
await app.register(mcpStreamable, { application: rawApplication, path: '/mcp', limits })
await serve(app)
