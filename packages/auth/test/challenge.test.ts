import t from 'tap'
import { Challenges, parameter } from '../src/challenge.ts'
import { endpoint } from './helper.ts'
import { RESOURCE } from './issuer.ts'

const METADATA = 'https://mcp.example.com/.well-known/oauth-protected-resource/mcp'
const jwt = { issuer: 'https://as.example', jwksUrl: 'https://as.example/jwks' }

t.test('G-5 G-6 G-7: 401 on every method names the metadata and the scopes to ask for at first', async t => {
  const { request } = await endpoint(t, { resource: RESOURCE, jwt, scopes: { challenge: ['mcp:read', 'mcp:list'] } })
  for (const method of ['GET', 'POST', 'DELETE']) {
    const { status, headers } = await request('/mcp', [], method)
    t.equal(status, 401, method)
    t.equal(headers['www-authenticate'], `Bearer resource_metadata="${METADATA}", scope="mcp:read mcp:list"`)
  }
  t.equal((await request('/mcp', ['Authorization', 'Bearer x'])).headers['www-authenticate'],
    `Bearer resource_metadata="${METADATA}", scope="mcp:read mcp:list", error="invalid_token", error_description="The token is invalid or has expired"`)
})

t.test('G-6: the metadata is where it is said to be', async t => {
  const { request } = await endpoint(t, { resource: RESOURCE, jwt })
  t.match(await request(new URL(METADATA).pathname), { status: 200, json: { resource: RESOURCE } })
})

t.test('G-6: values are quoted, and cannot end the line or the string', async t => {
  t.equal(parameter('realm', 'a "b" \\ c'), 'realm="a \\"b\\" \\\\ c"')
  t.equal(parameter('realm', 'a\r\nSet-Cookie: b\0ü\u2028'), 'realm="a??Set-Cookie: b???"')
  const challenges = new Challenges({ resourceMetadata: undefined, realm: 'x", error="y', scopes: [] })
  t.equal(challenges.missing, 'Bearer realm="x\\", error=\\"y"')
})

t.test('G-8: all the scopes the operation needs', async t => {
  const challenges = new Challenges({ resourceMetadata: METADATA, realm: 'mcp', scopes: ['read'] })
  t.equal(challenges.insufficientScope(['read', 'write']),
    `Bearer resource_metadata="${METADATA}", scope="read write", error="insufficient_scope", error_description="The operation needs more scopes"`)
})

t.test('G-27: without OAuth the realm is named', async t => {
  const { request } = await endpoint(t, { custom: () => null, realm: 'the tools' })
  t.equal((await request('/mcp')).headers['www-authenticate'], 'Bearer realm="the tools"')
})
