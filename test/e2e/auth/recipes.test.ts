/** The recipes of docs/security.md as they stand there, with tokens of the shape each issuer gives them. */
import { createServer } from 'node:http'
import t, { type Test } from 'tap'
import { mcpAuth, type McpAuthOptions } from '@mcp/auth'
import Fastify from 'fastify'
import { freePort } from '../../lib/free-port.ts'
import { rs256, rsaKey } from './lib/jwt.ts'
import { recipesOf } from './lib/recipes.ts'
import { startResource } from './lib/resource.ts'
import { rpc } from './lib/rpc.ts'

const key = rsaKey()
const publicKey = key.publicKey.export({ type: 'spki', format: 'pem' }).toString()
const recipes = await recipesOf('docs/security.md', { publicKey })
const recipe = (name: string): McpAuthOptions => recipes.find(one => one.name === name)?.options ?? {}

const endpoint = 'https://mcp.example.com/mcp'
const api = '55555555-6666-7777-8888-999999999999'
const entra = 'https://login.microsoftonline.com/00000000-1111-2222-3333-444444444444/v2.0'

/** Claims of tokens that may read, and how each issuer says so. */
const shapes: Record<string, Record<string, unknown>> = {
  'Any OAuth 2.1 issuer': { typ: 'at+jwt', iss: 'https://id.example.com', aud: endpoint, client_id: 'app', scope: 'mcp:read' },
  Keycloak: {
    iss: 'https://id.example.com/realms/main',
    aud: [endpoint, 'account'],
    typ: 'Bearer',
    azp: 'app',
    scope: 'openid mcp:read',
    realm_access: { roles: ['user'] }
  },
  Auth0: {
    iss: 'https://example.eu.auth0.com/', aud: [endpoint, 'https://example.eu.auth0.com/userinfo'], azp: 'app', scope: 'openid', permissions: ['mcp:read']
  },
  'Entra ID': { iss: entra, aud: api, azp: 'app', azpacr: '0', oid: 'o', tid: 't', ver: '2.0', scp: 'mcp.read' },
  Okta: { iss: 'https://example.okta.com/oauth2/aus1234567890', aud: endpoint, ver: 1, cid: 'app', uid: 'u', scp: ['mcp:read'] },
  'An issuer inside a private network': { iss: 'https://id.internal.example/realms/main', aud: endpoint, azp: 'app', scope: 'mcp:read' },
  'An issuer that cannot be reached': { iss: 'https://id.internal.example/realms/main', aud: endpoint, azp: 'app', scope: 'mcp:read' },
  Both: { iss: 'https://id.example.com', aud: endpoint, client_id: 'app', scope: 'mcp:read' }
}

function claimsOf (name: string, changes: Record<string, unknown> = {}): Record<string, unknown> {
  return { ...shapes[name], sub: 'alice', exp: Math.floor(Date.now() / 1000) + 60, ...changes }
}

/** Issuers that follow RFC 9068 say in the header what a token is; Keycloak says it in the claims, the others nowhere. */
function tokenOf (name: string, changes: Record<string, unknown> = {}): string {
  const { typ, ...claims } = claimsOf(name, changes)
  return typ === 'at+jwt' ? rs256(key, claims) : rs256(key, { typ, ...claims }, { typ: 'JWT' })
}

/** Runs a recipe; keys come from here, where nobody has to be asked over the internet. */
async function run (t: Test, name: string): Promise<string> {
  const { jwt, outgoing, ...options } = recipe(name)
  const keys = createServer((_request, response) => {
    response.end(JSON.stringify({ keys: [{ ...key.publicKey.export({ format: 'jwk' }), kid: key.kid }] }))
  })
  const port = await freePort()
  await new Promise<void>(resolve => { keys.listen(port, '127.0.0.1', resolve) })
  t.teardown(() => {
    keys.closeAllConnections()
    keys.close()
  })
  if (jwt === undefined || Array.isArray(jwt)) throw new Error(`${name}: one issuer is expected`)
  const fetched = 'publicKey' in jwt ? jwt : { ...jwt, jwksUrl: `http://127.0.0.1:${port}/` }
  const { url } = await startResource(t, { ...options, outgoing: { ...outgoing, allowLoopback: true }, jwt: fetched as typeof jwt })
  return url
}

t.test('every recipe is accepted as it stands', async t => {
  t.strictSame(recipes.map(({ name }) => name), [
    'Any OAuth 2.1 issuer', 'Keycloak', 'Auth0', 'Entra ID', 'Okta', 'Opaque tokens',
    'An issuer inside a private network', 'An issuer that cannot be reached', 'API keys', 'Both'
  ])
  for (const { name, options } of recipes) {
    const app = Fastify()
    await app.register(mcpAuth, options)
    t.ok(app.mcpAuth, name)
    await app.close()
  }
})

for (const name of Object.keys(shapes)) {
  t.test(`a token as it comes with: ${name}`, async t => {
    const url = await run(t, name)
    const read = await rpc(url, tokenOf(name), { tool: 'read' })
    t.match(read, { status: 200, body: { result: { content: [{ text: 'read' }] } } })
    t.match(await rpc(url, tokenOf(name, { aud: 'app' })), { status: 401 }, 'for somebody else')
    t.match(await rpc(url, tokenOf(name, { iss: `${String(shapes[name]?.iss)}x` })), { status: 401 }, 'from somebody else')
    const idToken = claimsOf(name, { typ: undefined, nonce: 'n', scope: undefined, scp: undefined })
    t.match(await rpc(url, rs256(key, idToken, { typ: 'JWT' })), { status: 401 }, 'an ID token that names us as its audience')
  })

  const needed = recipe(name).rules?.flatMap(({ tool, scopes }) => tool === undefined ? [] : scopes) ?? []
  if (needed.length === 0) continue
  t.test(`step-up asks for scopes by the names clients have to use: ${name}`, async t => {
    const url = await run(t, name)
    const { status, challenge } = await rpc(url, tokenOf(name), { tool: 'write_file' })
    t.equal(status, 403)
    const asked = /scope="([^"]*)"/.exec(challenge ?? '')?.[1]?.split(' ') ?? []
    t.strictSame(asked.filter(scope => needed.includes(scope)), needed)
    t.ok(asked.every(scope => recipe(name).scopes?.supported?.includes(scope)), asked.join(' '))
  })
}

t.test('G-27 API keys alone: nobody is sent to look for an authorization server', async t => {
  const { options, keys: [made] } = recipes.find(({ name }) => name === 'API keys') ?? { options: {}, keys: [] }
  const { url } = await startResource(t, { ...options, resource: undefined, scopes: undefined })
  t.match(await rpc(url, made?.key ?? '', { tool: 'read' }), { status: 200 })
  t.match(await rpc(url, made?.key ?? '', { tool: 'write_file' }), { status: 403 })
  t.match(await rpc(url, `${made?.key}x`), { status: 401, challenge: /^Bearer realm="mcp"/ })
  t.equal((await fetch(new URL('/.well-known/oauth-protected-resource', url))).status, 404)
})

t.test('API keys beside tokens', async t => {
  const { options, keys: [made] } = recipes.find(({ name }) => name === 'Both') ?? { options: {}, keys: [] }
  const { url } = await startResource(t, options)
  t.match(await rpc(url, made?.key ?? '', { tool: 'read' }), { status: 200 })
  t.match(await rpc(url, null), { status: 401, challenge: /resource_metadata="https:\/\/mcp\.example\.com\/\.well-known\/oauth-protected-resource\/mcp"/ })
})
