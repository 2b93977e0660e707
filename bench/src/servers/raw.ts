/** Ours, with the raw application. */
import { mcpStreamable } from '@mcp/streamable-core'
import Fastify from 'fastify'
import { serve } from './host.ts'
import { rawApplication } from './raw-application.ts'

const app = Fastify()
await app.register(mcpStreamable, { application: rawApplication, path: '/mcp' })
await serve(app)
