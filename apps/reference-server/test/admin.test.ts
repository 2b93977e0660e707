import { createApiKey } from '@mcp/auth'
import type { InjectOptions } from 'fastify'
import t, { type Test } from 'tap'
import { buildApp } from '../src/app.ts'
import { readConfig, type Environment } from '../src/config.ts'

const host = '127.0.0.1:3000'

async function app (t: Test, variables: Environment = {}) {
  const built = await buildApp(readConfig({ LOG_LEVEL: 'silent', MCP_STORAGE: 'memory:', MCP_CONSOLE: 'on', MCP_LOCAL_ADMIN: 'on', ...variables }))
  t.teardown(() => built.close())
  const look = async (headers: Record<string, string> = {}, options: InjectOptions = {}) => {
    return built.inject({ url: '/admin/node.json', headers: { host, ...headers }, remoteAddress: '127.0.0.1', ...options })
  }
  return { built, look }
}

t.test('the node tells callers on its machine what is going on', async t => {
  const { built, look } = await app(t)
  const before = (await look()).json()
  t.match(before, { draining: false, uptimeMs: Number, memory: { rss: Number, heapUsed: Number } })
  t.match(before.traffic, { sessions: 0, requests: { total: 0, inFlight: 0 } })
  const initialize = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } }
  const greeted = await built.inject({
    method: 'POST',
    url: '/mcp',
    headers: { host, accept: 'application/json, text/event-stream' },
    payload: { jsonrpc: '2.0', id: 1, method: 'initialize', params: initialize }
  })
  t.equal(greeted.statusCode, 200)
  const reply = await look()
  const after = reply.json()
  t.match(after.traffic, { sessions: 1, requests: { total: 1, byMethod: { initialize: 1 }, byOutcome: { ok: 1 } } })
  t.ok(after.at > before.at, 'the clock of rates goes on')
  t.equal(reply.headers['cache-control'], 'no-store')
  t.equal(reply.headers['content-security-policy'], "default-src 'none';frame-ancestors 'none'", 'a reply that is data')
  built.mcp.drain()
  t.equal((await look()).json().draining, true)
})

t.test('H-1 names this server does not have are refused (DNS rebinding)', async t => {
  const { look } = await app(t)
  for (const host of ['evil.example', 'evil.example:3000', '127.0.0.1.evil.example']) t.equal((await look({ host })).statusCode, 403, host)
  for (const host of ['localhost:3000', '[::1]:3000', '127.0.0.1']) t.equal((await look({ host })).statusCode, 200, host)
})

t.test('H-2 pages of other origins are told nothing, whatever CORS allows them', async t => {
  const { look } = await app(t, { MCP_ALLOWED_ORIGINS: 'https://app.example.com,http://localhost:6274' })
  for (const origin of ['https://app.example.com', 'http://localhost:6274', 'http://127.0.0.1:3001', 'null', 'nonsense']) {
    t.equal((await look({ origin })).statusCode, 403, origin)
  }
  for (const site of ['cross-site', 'same-site']) t.equal((await look({ 'sec-fetch-site': site })).statusCode, 403, site)
  for (const site of ['same-origin', 'none']) t.equal((await look({ 'sec-fetch-site': site })).statusCode, 200, site)
  t.equal((await look({ origin: `http://${host}` })).statusCode, 200, 'its own page')
})

t.test('callers from elsewhere are refused, whatever they or a proxy say', async t => {
  const { look } = await app(t)
  for (const remoteAddress of ['192.0.2.7', '::ffff:192.0.2.7', '10.0.0.1', '2001:db8::1']) {
    t.equal((await look({}, { remoteAddress })).statusCode, 403, remoteAddress)
  }
  for (const remoteAddress of ['127.0.0.1', '127.1.2.3', '::1', '::ffff:127.0.0.1']) {
    t.equal((await look({}, { remoteAddress })).statusCode, 200, remoteAddress)
  }
})

t.test('a proxy on the same machine does not make its callers local', async t => {
  const { look } = await app(t)
  for (const name of ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via', 'x-forwarded-host', 'x-forwarded-proto']) {
    t.equal((await look({ [name]: '127.0.0.1' })).statusCode, 403, name)
  }
  const trusting = await app(t, { MCP_TRUSTED_PROXIES: '10.0.0.1,loopback' })
  t.equal((await trusting.look({ 'x-forwarded-for': '127.0.0.1' }, { remoteAddress: '10.0.0.1' })).statusCode, 403, 'a forwarded loopback address')
  t.equal((await trusting.look()).statusCode, 403, 'who has proxies knows nobody by the connection')
  const named = await app(t, { MCP_PUBLIC_URL: 'https://mcp.example.com/mcp' })
  t.equal((await named.look()).statusCode, 403, 'nor does who has a public name')
  t.equal((await named.look({ host: 'mcp.example.com' })).statusCode, 403)
  const local = await app(t, { MCP_PUBLIC_URL: 'http://localhost:3000/mcp' })
  t.equal((await local.look()).statusCode, 200, 'a name of this machine is no public one')
})

t.test('G-8 with MCP_AUTH a credential for mcp:admin is asked for, here as elsewhere', async t => {
  const admin = createApiKey({ id: 'ada', scopes: ['mcp:admin'] })
  const user = createApiKey({ id: 'bob', scopes: ['tools:call'] })
  const dir = t.testdir({ 'keys.json': JSON.stringify({ keys: [admin.entry, user.entry] }) })
  const { look } = await app(t, { MCP_AUTH: 'api-key', MCP_API_KEYS_FILE: `${dir}/keys.json` })
  const as = (key: string, headers = {}, options = {}) => look({ authorization: `Bearer ${key}`, ...headers }, options)
  const bare = await look()
  t.equal(bare.statusCode, 401, 'being on this machine is not enough')
  t.match(bare.headers['www-authenticate'], /^Bearer/)
  t.equal((await as('wrong')).statusCode, 401)
  const lacking = await as(user.key)
  t.equal(lacking.statusCode, 403)
  t.match(lacking.headers['www-authenticate'], /scope="mcp:admin", error="insufficient_scope"/)
  t.equal((await as(admin.key)).statusCode, 200)
  t.equal((await as(admin.key, { 'x-forwarded-for': '192.0.2.7' }, { remoteAddress: '192.0.2.7' })).statusCode, 200, 'from anywhere')
  t.equal((await as(admin.key, { origin: 'https://evil.example' })).statusCode, 403, 'not from another page')
  t.equal((await as(admin.key, { host: 'evil.example' })).statusCode, 403, 'not by another name')
})

t.test('MCP_CONSOLE=off leaves nothing behind', async t => {
  const { look, built } = await app(t, { MCP_CONSOLE: 'off' })
  t.equal((await look()).statusCode, 404)
  t.equal((await built.inject({ url: '/', headers: { host } })).statusCode, 404)
  t.notOk(built.hasDecorator('mcpTelemetry'), 'nobody pays for counting')
})
