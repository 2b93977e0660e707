import { createApiKey } from '@mcp/auth'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import t, { type Test } from 'tap'
import { buildApp } from '../src/app.ts'
import { readConfig, type Environment } from '../src/config.ts'

const host = '127.0.0.1:3000'

async function app (t: Test, variables: Environment = {}) {
  const built = await buildApp(readConfig({ LOG_LEVEL: 'silent', MCP_STORAGE: 'memory:', MCP_CONSOLE: 'off', MCP_METRICS: 'on', MCP_LOCAL_ADMIN: 'on', ...variables }))
  t.teardown(() => built.close())
  const scrape = async (headers: Record<string, string> = {}, remoteAddress = '127.0.0.1') =>
    built.inject({ url: '/metrics', headers: { host, ...headers }, remoteAddress })
  return { built, scrape }
}

t.test('Prometheus on this machine finds the figures', async t => {
  const { built, scrape } = await app(t)
  const headers = { host, accept: 'application/json, text/event-stream', 'content-type': 'application/json' }
  await built.inject({ method: 'POST', url: '/mcp', headers, payload: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}' })
  const { statusCode, headers: fields, payload } = await scrape()
  t.equal(statusCode, 200)
  t.match(fields, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', 'cache-control': 'no-store' })
  t.match(payload, 'mcp_server_refusals_total{rung="session-missing",status="400"} 1')
  t.match(payload, 'mcp_server_sessions_stored 0')
})

t.test('others do not: another machine, a proxy, another name, a page', async t => {
  const { scrape } = await app(t)
  t.equal((await scrape({}, '192.0.2.7')).statusCode, 403)
  t.equal((await scrape({ 'x-forwarded-for': '127.0.0.1' })).statusCode, 403)
  t.equal((await scrape({ host: 'evil.example' })).statusCode, 403)
  t.equal((await scrape({ origin: 'https://evil.example' })).statusCode, 403)
})

t.test('where callers are authenticated, a credential with the scope mcp:admin is asked for', async t => {
  const admin = createApiKey({ label: 'prometheus', scopes: ['mcp:admin'] })
  const other = createApiKey({ label: 'somebody' })
  const file = path.join(t.testdir(), 'keys.json')
  writeFileSync(file, JSON.stringify({ keys: [admin.entry, other.entry] }))
  const { scrape } = await app(t, { MCP_AUTH: 'api-key', MCP_API_KEYS_FILE: file })
  t.equal((await scrape()).statusCode, 401)
  t.equal((await scrape({ authorization: `Bearer ${other.key}` })).statusCode, 403)
  t.equal((await scrape({ authorization: `Bearer ${admin.key}` }, '192.0.2.7')).statusCode, 200)
})

t.test('nobody finds any where it is off, which is the default', async t => {
  const { built, scrape } = await app(t, { MCP_METRICS: 'off' })
  t.equal((await scrape()).statusCode, 404)
  t.notOk(built.hasDecorator('mcpTelemetry'))
})
