/** Ours, with the official SDK's server that the peers serve too. */
import { sdkApplication } from '@mcp/sdk-adapter'
import { mcpStorage } from '@mcp/storage'
import { mcpStreamable } from '@mcp/streamable-core'
import Fastify from 'fastify'
import { serve } from './host.ts'
import { buildServer } from './sdk-server.ts'
import { idle, limits, openStorage } from './settings.ts'

const app = Fastify()
await app.register(mcpStorage, { storage: openStorage() })
await app.register(mcpStreamable, { application: sdkApplication(() => buildServer(), idle), path: '/mcp', limits })
await serve(app)
