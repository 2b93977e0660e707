import { mcpStreamable } from '@mcp/streamable-core'
import Fastify, { type FastifyInstance } from 'fastify'
import { Registry } from 'prom-client'
import t, { type Test } from 'tap'
import { mcpTelemetry, type McpTelemetryOptions } from '../src/index.ts'

async function listening (t: Test, build: (app: FastifyInstance) => void | Promise<void>): Promise<string> {
  const app: FastifyInstance = Fastify()
  t.teardown(() => app.close())
  await build(app)
  return app.listen({ host: '127.0.0.1', port: 0 })
}

/** An endpoint under a prefix; with options it is watched on its own. Answers how many requests its scope has counted. */
async function endpoint (scope: FastifyInstance, prefix: string, telemetry?: McpTelemetryOptions): Promise<() => number> {
  let count = (): number => NaN
  await scope.register(async child => {
    count = () => total(child)
    if (telemetry !== undefined) await child.register(mcpTelemetry, telemetry)
    await child.register(mcpStreamable, {
      sessions: false,
      prefix,
      application: async exchange => {
        const { message } = exchange
        if ('method' in message && 'id' in message) await exchange.send({ jsonrpc: '2.0', id: message.id, result: {} })
      }
    })
  })
  return count
}

async function ping (origin: string, prefix: string): Promise<void> {
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
  const reply = await fetch(`${origin}${prefix}/mcp`, { method: 'POST', headers, body: '{"jsonrpc":"2.0","id":1,"method":"ping"}' })
  if (reply.status !== 200) throw new Error(await reply.text())
}

const total = (app: FastifyInstance): number => app.mcpTelemetry.snapshot().requests.total

t.test('two scopes have figures of their own, and so does the one around both', async t => {
  const counts: Array<() => number> = []
  const origin = await listening(t, async app => {
    await app.register(mcpTelemetry)
    counts.push(() => total(app), await endpoint(app, '/a', {}), await endpoint(app, '/b', {}), await endpoint(app, '/c'))
  })
  for (const prefix of ['/a', '/b', '/b', '/c', '/c', '/c']) await ping(origin, prefix)
  t.strictSame(counts.map(count => count()), [6, 1, 2, 6], 'one without figures of its own sees those around it')
})

t.test('the order of registration does not matter', async t => {
  const counts: Array<() => number> = []
  const origin = await listening(t, async app => {
    counts.push(await endpoint(app, '/a', {}), () => total(app))
    await app.register(mcpTelemetry)
  })
  await ping(origin, '/a')
  t.strictSame(counts.map(count => count()), [1, 1])
})

t.test('a registry may be yours, for one registration', async t => {
  const registry = new Registry()
  const app = Fastify()
  await app.register(mcpTelemetry, { registry })
  t.equal(app.mcpTelemetry.registry, registry)
  t.not(registry.getSingleMetric('mcp_server_sessions_active'), undefined)
  const other = Fastify()
  await t.rejects(async () => { await other.register(mcpTelemetry, { registry }) }, { code: 'MCP_TELEMETRY_REGISTRY_TAKEN' })
  await other.close()
  t.not(registry.getSingleMetric('mcp_server_sessions_active'), undefined, 'the failed one took nothing away')
  await app.close()
  t.equal(registry.getMetricsAsArray().length, 0, 'what it added is gone when it closes')
})

t.test('twice in one scope is an error', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(mcpTelemetry)
  await t.rejects(async () => { await app.register(mcpTelemetry) }, { code: 'MCP_TELEMETRY_ALREADY_REGISTERED' })
})

t.test('a server that closed leaves no timer and no listener behind', async t => {
  const before = process.getActiveResourcesInfo().filter(name => name === 'Timeout').length
  let root: FastifyInstance | undefined
  const origin = await listening(t, async app => {
    root = app
    await app.register(mcpTelemetry, { spans: true })
    await endpoint(app, '/a')
  })
  await ping(origin, '/a')
  await root?.mcpTelemetry.metrics()
  await root?.close()
  t.equal(process.getActiveResourcesInfo().filter(name => name === 'Timeout').length, before)
})
