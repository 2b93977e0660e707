import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createApiKey } from '@mcp/auth'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { buildApp } from '../src/app.ts'
import { readConfig, type Environment } from '../src/config.ts'
import { securityOptions } from '../src/security.ts'

const host = '127.0.0.1:3000'
const initialize = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1.0.0' } }
}

async function app (t: Test, variables: Environment) {
  const built = await buildApp(readConfig({ LOG_LEVEL: 'silent', MCP_STORAGE: 'memory:', ...variables }))
  t.teardown(() => built.close())
  const call = (headers: Record<string, string> = {}) => built.inject({
    method: 'POST', url: '/mcp', headers: { host, accept: 'application/json, text/event-stream', ...headers }, payload: initialize
  })
  return { call, get: (url: string) => built.inject({ url, headers: { host } }) }
}

t.test('MCP_AUTH=api-key: the keys of the file may call, others get 401', async t => {
  const { key, entry } = createApiKey({ id: 'test' })
  const file = join(t.testdir(), 'keys.json')
  await writeFile(file, JSON.stringify({ keys: [entry] }))
  const { call, get } = await app(t, { MCP_AUTH: 'api-key', MCP_API_KEYS_FILE: file })
  t.equal((await call({ authorization: `Bearer ${key}` })).statusCode, 200)
  t.equal((await call({ authorization: 'Bearer mcp_other' })).statusCode, 401)
  const refused = await call()
  t.equal(refused.statusCode, 401)
  t.match(refused.headers['www-authenticate'], /^Bearer realm=/)
  t.equal(refused.headers['x-content-type-options'], 'nosniff')
  t.equal((await get('/healthz')).statusCode, 200, 'health is for everybody')
})

t.test('MCP_AUTH=jwt: tells clients where to get tokens, by the public URL', async t => {
  const { call, get } = await app(t, {
    MCP_AUTH: 'jwt', MCP_JWT_ISSUER: 'https://id.example.com', MCP_PUBLIC_URL: 'https://mcp.example.com/mcp', MCP_JWT_AUDIENCE: 'api'
  })
  const refused = await call()
  t.equal(refused.statusCode, 401)
  const metadata = 'https://mcp.example.com/.well-known/oauth-protected-resource/mcp'
  t.match(refused.headers['www-authenticate'], `resource_metadata="${metadata}"`)
  const { statusCode, body } = await get('/.well-known/oauth-protected-resource/mcp')
  t.equal(statusCode, 200)
  t.match(JSON.parse(body), { resource: 'https://mcp.example.com/mcp', authorization_servers: ['https://id.example.com'] })
})

t.test('MCP_AUTH=introspection asks for tokens', async t => {
  const { call } = await app(t, {
    MCP_AUTH: 'introspection',
    MCP_PUBLIC_URL: 'https://mcp.example.com/mcp',
    MCP_INTROSPECTION_URL: 'http://127.0.0.1:9/introspection',
    MCP_INTROSPECTION_ISSUER: 'http://127.0.0.1:9',
    MCP_INTROSPECTION_CLIENT_ID: 'me',
    MCP_INTROSPECTION_CLIENT_SECRET: 'hush-hush'
  })
  t.equal((await call()).statusCode, 401)
  t.equal((await call({ authorization: 'Bearer opaque' })).statusCode, 503, 'an issuer that is away vouches for nobody')
})

t.test('H-15 MCP_PRIVATE_ISSUERS opens what it names, and without it addresses of private networks are not asked', async t => {
  const listed = readConfig({
    MCP_AUTH: 'jwt', MCP_PUBLIC_URL: 'https://mcp.example.com/mcp', MCP_JWT_ISSUER: 'https://id.internal', MCP_PRIVATE_ISSUERS: 'id.internal:8443, 10.1.0.0/16'
  })
  t.match(listed.auth, { options: { outgoing: { allow: ['id.internal:8443', '10.1.0.0/16'], allowLoopback: undefined } } })
  const variables = { MCP_AUTH: 'jwt', MCP_PUBLIC_URL: 'https://mcp.example.com/mcp', MCP_JWT_ISSUER: 'https://10.1.2.3', MCP_JWKS_URL: 'https://10.1.2.3/keys' }
  await t.rejects(app(t, variables), { code: 'MCP_AUTH_BAD_OPTION', message: /10\.1\.2\.3/ })
  t.equal((await (await app(t, { ...variables, MCP_PRIVATE_ISSUERS: '10.1.2.3' })).call()).statusCode, 401)
  t.equal((await (await app(t, { ...variables, MCP_PRIVATE_ISSUERS: '10.0.0.0/8' })).call()).statusCode, 401)
})

t.test('H-11 MCP_RATE_LIMIT brings a pace of progress and log messages; without a limit a burst is a burst', async t => {
  const limited = securityOptions(readConfig({ MCP_RATE_LIMIT: '5/minute', MCP_STORAGE: 'memory:' }), Fastify())
  t.equal(limited.notifications, undefined, 'the default')
  t.equal(securityOptions(readConfig({ MCP_STORAGE: 'memory:' }), Fastify()).notifications, false)
})

t.test('row 14: without authentication clients that look for OAuth find JSON that says no', async t => {
  const { call, get } = await app(t, {})
  t.equal((await call()).statusCode, 200)
  const { statusCode, body } = await get('/.well-known/oauth-protected-resource/mcp')
  t.equal(statusCode, 404)
  t.type(JSON.parse(body).error, 'string')
})

t.test('H-11 MCP_RATE_LIMIT limits endpoints, and not the questions of load balancers', async t => {
  const { call, get } = await app(t, { MCP_RATE_LIMIT: '2/minute' })
  const statuses = [await call(), await call(), await call()].map(({ statusCode }) => statusCode)
  t.strictSame(statuses, [200, 200, 429])
  t.equal((await get('/healthz')).statusCode, 200)
})

t.test('H-8 MCP_TRUSTED_PROXIES says whose word about addresses counts', async t => {
  const from = (address: string) => ({ 'x-forwarded-for': address })
  const trusting = await app(t, { MCP_RATE_LIMIT: '1/minute', MCP_TRUSTED_PROXIES: 'loopback', MCP_ALLOWED_HOSTS: '127.0.0.1' })
  t.equal((await trusting.call(from('192.0.2.1'))).statusCode, 200)
  t.equal((await trusting.call(from('192.0.2.2'))).statusCode, 200)
  t.equal((await trusting.call(from('192.0.2.2'))).statusCode, 429)
  const wary = await app(t, { MCP_RATE_LIMIT: '1/minute', MCP_ALLOWED_HOSTS: '127.0.0.1' })
  t.equal((await wary.call(from('192.0.2.1'))).statusCode, 200)
  t.equal((await wary.call(from('192.0.2.2'))).statusCode, 429)
})
