/** A process with every variant of the endpoint, each on a port of its own, and one that tells what went wrong in it. */
import { createApiKey, mcpAuth } from '@mcp/auth'
import { isObject } from '@mcp/protocol'
import { mcpLegacySse } from '@mcp/legacy-sse'
import { mcpSecurity } from '@mcp/security'
import { mcpStreamable } from '@mcp/streamable-core'
import Fastify, { type FastifyInstance } from 'fastify'
import { fuzzedApplication } from './application.ts'
import { BODY_LIMIT, JSON_DEPTH, POLICIES, VARIANTS, type Variant } from './policies.ts'
import type { Findings, Ports } from './target.ts'

const alice = createApiKey({ id: 'alice' })
const bob = createApiKey({ id: 'bob' })

const findings: { harm: string[], statuses: Record<string, number> } = { harm: [], statuses: {} }

/** What an application that throws on purpose makes the endpoint write. */
const ON_PURPOSE = 'the application failed'

function note (line: string): void {
  const { level, msg } = JSON.parse(line) as { level: number, msg: string }
  if (level >= 50 && msg !== ON_PURPOSE && findings.harm.length < 20) findings.harm.push(line.slice(0, 2_000))
}

process.on('warning', warning => { if (warning.name !== 'ExperimentalWarning') findings.harm.push(`warning: ${warning.stack}`) })

async function start (variant: Variant): Promise<number> {
  const { revisions, sessions, strictAccept, maxBatch } = POLICIES[variant]
  const app: FastifyInstance = Fastify({ logger: { level: 'error', stream: { write: note } } })
  app.addHook('onResponse', async (_request, reply) => {
    findings.statuses[reply.statusCode] = (findings.statuses[reply.statusCode] ?? 0) + 1
  })
  if (variant === 'guarded') {
    const many = { max: 1_000_000_000 }
    await app.register(mcpSecurity, { rateLimit: { address: many, principal: many }, concurrency: { perCaller: 10_000 } })
    const apiKeys = { keys: [alice.entry, bob.entry], header: 'x-api-key' }
    await app.register(mcpAuth, { apiKeys, rules: [{ tool: 'terminate', scopes: ['admin'] }] })
  }
  await app.register(mcpStreamable, {
    application: fuzzedApplication(() => { app.mcp.publish({ method: 'notifications/tools/list_changed' }) }),
    revisions,
    sessions,
    strictAccept,
    closeTimeoutMs: 100,
    limits: {
      bodyBytes: BODY_LIMIT,
      jsonDepth: JSON_DEPTH,
      batchLength: maxBatch,
      sessionIdleMs: 2_000,
      sessions: 20_000,
      sessionsPerPrincipal: 20_000,
      sessionsPerAddress: 20_000
    }
  })
  if (sessions) await app.register(mcpLegacySse, { shareEndpoint: variant === 'legacy' })
  await app.listen({ host: '127.0.0.1', port: 0 })
  return portOf(app)
}

function portOf (app: FastifyInstance): number {
  const address = app.server.address()
  return isObject(address) ? Number(address.port) : 0
}

const ports = {} as Record<Variant, number>
for (const variant of VARIANTS) ports[variant] = await start(variant)

const admin: FastifyInstance = Fastify()
admin.get('/findings', async (): Promise<Findings> => ({ ...findings, rss: process.memoryUsage.rss() }))
await admin.listen({ host: '127.0.0.1', port: 0 })
const said: Ports = { ...ports, admin: portOf(admin), keys: { alice: alice.key, bob: bob.key } }
console.log(`Ports ${JSON.stringify(said)}`)
