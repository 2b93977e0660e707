import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import { createApiKey, mcpAuth, type McpAuthOptions } from '../../src/index.ts'
import { addEndpoint, clock, endpoint, started, type Teardown, type TestEndpoint } from '../helper.ts'
import { issuer, RESOURCE } from '../issuer.ts'

const OAUTH = '/.well-known/oauth-protected-resource'
const AS = '/.well-known/oauth-authorization-server'
const OPENID = '/.well-known/openid-configuration'
const jwt = { issuer: 'https://as.example', jwksUrl: 'https://as.example/jwks' }

/** An application that answers every path it does not know with a page for people. */
function site (t: Teardown): FastifyInstance {
  const app = Fastify()
  t.teardown(() => app.close())
  app.setNotFoundHandler((_request, reply) => reply.code(200).type('text/html').send('<!doctype html>'))
  return app
}

async function serving (t: Teardown, ...options: readonly McpAuthOptions[]): Promise<TestEndpoint> {
  const app = site(t)
  for (const one of options) await app.register(async scope => { await scope.register(mcpAuth, one) }, { prefix: '/scope' })
  return started(app)
}

t.test('G-11 G-12 G-13: the metadata, at the path of the endpoint and at the root', async t => {
  const { request } = await serving(t, {
    resource: RESOURCE, jwt, scopes: { supported: ['read', 'write'] }, metadata: { name: 'Files', documentation: 'https://docs.example' }
  })
  for (const path of [`${OAUTH}/mcp`, `${OAUTH}/mcp/`, OAUTH, `${OAUTH}/mcp?x=1`, `http://localhost${OAUTH}/mcp?x=1`]) {
    const { status, headers, json } = await request(path)
    t.equal(status, 200, path)
    t.match(headers['content-type'], /^application\/json/)
    t.strictSame(json, {
      resource: RESOURCE,
      authorization_servers: ['https://as.example'],
      bearer_methods_supported: ['header'],
      scopes_supported: ['read', 'write'],
      resource_name: 'Files',
      resource_documentation: 'https://docs.example'
    })
  }
  t.equal((await request(`${OAUTH}/other`)).status, 404)
})

t.test('G-13: the resource is what was configured, in its canonical form, whatever Host says', async t => {
  const rows: ReadonlyArray<readonly [given: string, told: string, path: string]> = [
    ['HTTPS://MCP.Example.com:443/Mcp', 'https://mcp.example.com/Mcp', '/Mcp'],
    ['https://mcp.example.com', 'https://mcp.example.com', ''],
    ['https://mcp.example.com/', 'https://mcp.example.com/', ''],
    ['https://mcp.example.com/a/b/', 'https://mcp.example.com/a/b/', '/a/b'],
    ['http://localhost:3000/mcp', 'http://localhost:3000/mcp', '/mcp']
  ]
  for (const [resource, told, path] of rows) {
    const { request } = await serving(t, { resource, jwt })
    t.equal((await request(OAUTH + path, ['X-Forwarded-Host', 'evil.example'])).json.resource, told)
  }
})

t.test('G-14: without authentication, for every origin, GET, HEAD and OPTIONS alone', async t => {
  const { request } = await serving(t, { resource: RESOURCE, jwt })
  const path = `${OAUTH}/mcp`
  const got = await request(path, ['Origin', 'https://evil.example', 'Authorization', 'Bearer wrong'])
  t.match(got, { status: 200, headers: { 'access-control-allow-origin': '*' } })
  const head = await request(path, [], 'HEAD')
  t.match(head, { status: 200, text: '', headers: { 'content-length': got.headers['content-length'] } })
  const preflight = await request(path, [
    'Origin', 'https://evil.example', 'Access-Control-Request-Method', 'GET', 'Access-Control-Request-Headers', 'mcp-protocol-version, authorization'
  ], 'OPTIONS')
  t.match(preflight, {
    status: 204,
    headers: { 'access-control-allow-origin': '*', 'access-control-allow-methods': 'GET, HEAD, OPTIONS', 'access-control-allow-headers': 'mcp-protocol-version, authorization' }
  })
  t.equal((await request(path, ['Access-Control-Request-Headers', 'x'.repeat(2000)], 'OPTIONS')).headers['access-control-allow-headers'], undefined)
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
    for (const where of [path, OAUTH, AS, OPENID, `${OAUTH}/nowhere`]) {
      const { status, headers, json } = await request(where, ['Content-Type', 'text/odd'], method, 'x')
      t.equal(status, 405, `${method} ${where}`)
      t.equal(headers.allow, 'GET, HEAD, OPTIONS')
      t.type(json.error, 'string')
    }
  }
})

t.test('G-14 G-27: where there is nothing to tell, JSON says so, never a page for people', async t => {
  const { entry } = createApiKey()
  const { request } = await serving(t, { apiKeys: { keys: [entry] } })
  for (const path of [OAUTH, `${OAUTH}/mcp`, AS, `${AS}/mcp`, OPENID, `${OPENID}/mcp`, `${OAUTH}/__proto__`, `${OAUTH}/constructor`]) {
    const { status, headers, json } = await request(path)
    t.equal(status, 404, path)
    t.match(headers['content-type'], /^application\/json/)
    t.equal(headers['access-control-allow-origin'], '*')
    t.strictSame(Object.entries(json).map(([name, value]) => [name, typeof value]), [['error', 'string'], ['error_description', 'string']])
  }
  t.match((await request('/elsewhere')).text, /doctype/, 'other paths are left alone')
  const oauth = await serving(t, { resource: RESOURCE, jwt })
  for (const path of [`${AS}/mcp`, OPENID, '/mcp/.well-known/openid-configuration']) t.match(await oauth.request(path), { status: 404, json: { error: 'not_found' } }, path)
})

t.test('G-27: issuers without OAuth: keys given once, or authorizationServers left empty', async t => {
  const secret = 'a secret of more than thirty-two characters'
  const rows: readonly McpAuthOptions[] = [
    { jwt: { issuer: 'ours', audience: 'mcp', secret } }, { resource: RESOURCE, jwt, authorizationServers: [] }
  ]
  for (const options of rows) {
    const { request } = await endpoint(t, options)
    t.equal((await request(OAUTH)).status, 404)
    t.equal((await request('/mcp')).headers['www-authenticate'], 'Bearer realm="mcp"')
  }
})

t.test('G-33: the metadata of the authorization server is repeated for clients of 2025-03-26', async t => {
  const time = clock(t)
  const as = await issuer(t)
  const options: McpAuthOptions = { resource: RESOURCE, jwt: { issuer: as.url }, outgoing: { allowLoopback: true } }
  const { request } = await endpoint(t, options)
  as.status = 500
  t.match(await request(AS), { status: 503, headers: { 'retry-after': '5' }, json: { error: 'temporarily_unavailable' } })
  t.equal((await request(AS)).status, 503, 'not asked again at once')
  as.status = 200
  time.advance(5001)
  t.match(await request(AS), { status: 200, headers: { 'access-control-allow-origin': '*' }, json: as.metadata })
  await Promise.all(Array.from({ length: 10 }, () => request(AS)))
  t.equal(as.asked.get(AS), 2, 'strangers cannot make us ask')
  const without = await endpoint(t, { ...options, metadata: { mirror: false } })
  t.equal((await without.request(AS)).status, 404)
})

t.test('G-12: several endpoints on one origin: each has its path, none the root', async t => {
  const { request } = await serving(t, { resource: RESOURCE, jwt }, { resource: 'https://mcp.example.com/other', jwt })
  t.match((await request(`${OAUTH}/mcp`)).json, { resource: RESOURCE })
  t.match((await request(`${OAUTH}/other`)).json, { resource: 'https://mcp.example.com/other' })
  t.equal((await request(OAUTH)).status, 404)
})

t.test('an application that is an authorization server itself keeps its own route', async t => {
  const app = site(t)
  app.get(AS, async () => ({ issuer: 'me' }))
  await app.register(mcpAuth, { resource: RESOURCE, jwt })
  addEndpoint(app, '/mcp')
  const { request } = await started(app)
  t.strictSame((await request(AS)).json, { issuer: 'me' })
  t.equal((await request(OAUTH)).status, 200)
})
