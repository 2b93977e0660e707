/** Ours, with the official SDK's server that the peers serve too. */
import { sdkApplication } from '@mcp/sdk-adapter'
import { mcpStreamable } from '@mcp/streamable-core'
import Fastify from 'fastify'
import { serve } from './host.ts'
import { buildServer } from './sdk-server.ts'

const app = Fastify()
await app.register(mcpStreamable, { application: sdkApplication(() => buildServer()), path: '/mcp' })
await serve(app)
