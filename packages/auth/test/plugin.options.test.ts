import { generateKeyPairSync } from 'node:crypto'
import Fastify from 'fastify'
import t from 'tap'
import { createApiKey, mcpAuth, type McpAuthOptions } from '../src/index.ts'
import { pemOf, RESOURCE, RSA } from './issuer.ts'

const { entry } = createApiKey()
const jwt = { issuer: 'https://as.example' }
const introspection = { url: 'https://as.example/introspect', issuer: 'https://as.example', clientId: 'c', clientSecret: 's' }
const custom = () => null
const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ type: 'spki', format: 'pem' }).toString()
const secret = 'a secret of more than thirty-two characters'

const rows: ReadonlyArray<readonly [options: object, sentence: string]> = [
  [{}, 'at least one of "jwt", "apiKeys", "introspection", "custom" is needed'],
  [{ apiKey: {} }, 'option "apiKey" is unknown'],
  [{ custom: 'function' }, 'option "custom" must be a function, or an object with a function "authenticate"'],
  [{ custom: { accepts: () => true } }, 'option "custom.authenticate" is missing; it must be a function'],
  [{ custom, introspection, resource: RESOURCE }, 'option "custom" would never be asked beside "introspection"; say by "custom.accepts" which tokens are its own'],
  [{ custom, realm: '' }, 'option "realm" must be a non-empty string'],
  // The resource.
  [{ jwt }, 'option "jwt.audience" is missing; set it, or "resource" to the URL clients use'],
  [{ jwt: { ...jwt, audience: 'x' } }, 'option "resource" is missing; it must be the URL clients use, such as https://mcp.example.com/mcp'],
  ...['/mcp', 'mcp.example.com', 'http://mcp.example.com/mcp', 'ftp://x', `${RESOURCE}#a`, `${RESOURCE}#`, `${RESOURCE}?a=b`, `${RESOURCE}?`, 'https://u:p@x/mcp'].map(resource =>
    [{ custom, resource }, 'option "resource" must be an absolute https URL (http on loopback alone) without query, fragment and credentials'] as const),
  [{ custom, resource: RESOURCE, authorizationServers: ['http://as.example'] }, 'option "authorizationServers": Nothing is requested from http://as.example/: the scheme must be https'],
  [{ custom, authorizationServers: ['https://as.example'] }, 'option "resource" is missing; it must be the URL clients use, such as https://mcp.example.com/mcp'],
  // JWT.
  [{ jwt: {} }, 'option "jwt.issuer" is missing; it must be a non-empty string'],
  [{ jwt: [] }, 'option "jwt" must be a list of issuers'],
  [{ jwt: [{ ...jwt, algorithm: 'RS256' }] }, 'option "jwt.0.algorithm" is unknown'],
  [{ resource: RESOURCE, jwt: [jwt, jwt] }, 'option "jwt" names an issuer twice'],
  [{ resource: RESOURCE, jwt: { issuer: 'ours' } }, 'option "jwt.issuer": Nothing is requested from this URL: it is not an absolute URL'],
  [{ resource: RESOURCE, jwt: { issuer: 'http://as.example' } }, 'option "jwt.issuer": Nothing is requested from http://as.example/: the scheme must be https'],
  [{ resource: RESOURCE, jwt: { issuer: 'https://127.0.0.1' } }, 'option "jwt.issuer": Nothing is requested from https://127.0.0.1/: its address 127.0.0.1 is not one of the internet'],
  [{ resource: RESOURCE, jwt: { ...jwt, jwksUrl: 'https://10.0.0.1/' } }, 'option "jwt.jwksUrl": Nothing is requested from https://10.0.0.1/: its address 10.0.0.1 is not one of the internet'],
  [{ resource: RESOURCE, jwt: { ...jwt, jwksUrl: 'https://x', secret } }, 'option "jwt" must have at most one of "jwksUrl", "publicKey", "secret"'],
  [{ resource: RESOURCE, jwt: { ...jwt, secret: 'short' } }, 'option "jwt.secret" must be a string of at least 32 characters'],
  [{ resource: RESOURCE, jwt: { ...jwt, secret: pemOf(RSA) } }, 'option "jwt.secret" must be a secret; it holds a key'],
  [{ resource: RESOURCE, jwt: { ...jwt, publicKey: secret } }, 'option "jwt.publicKey" must be a public key in PEM'],
  [{ resource: RESOURCE, jwt: { ...jwt, publicKey: weak } }, 'option "jwt.publicKey" is too weak, or fits none of the algorithms allowed'],
  [{ resource: RESOURCE, jwt: { ...jwt, publicKey: pemOf(RSA), algorithms: ['ES256'] } }, 'option "jwt.publicKey" is too weak, or fits none of the algorithms allowed'],
  [{ resource: RESOURCE, jwt: { ...jwt, algorithms: ['HS256'] } }, 'option "jwt.algorithms" names HS256, which does not go with the kind of key'],
  [{ resource: RESOURCE, jwt: { ...jwt, secret, algorithms: ['HS256', 'RS256'] } }, 'option "jwt.algorithms" names RS256, which does not go with the kind of key'],
  [{ resource: RESOURCE, jwt: { ...jwt, algorithms: ['none'] } }, 'option "jwt.algorithms.0" must be one of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA, Ed25519, Ed448, HS256, HS384, HS512'],
  [{ resource: RESOURCE, jwt: { ...jwt, clockSkewSeconds: 61 } }, 'option "jwt.clockSkewSeconds" must be an integer from 0 to 60'],
  // API keys.
  [{ apiKeys: {} }, 'option "apiKeys" must have exactly one of "keys", "file", "find"'],
  [{ apiKeys: { keys: [entry], file: 'x' } }, 'option "apiKeys" must have exactly one of "keys", "file", "find"'],
  [{ apiKeys: { keys: [entry, { id: 'x', key: 'mcp_secret' }] } }, 'option "apiKeys.keys.1" needs a "hash": SHA-256 of the key in hex'],
  [{ apiKeys: { keys: [entry], header: 'authorization' } }, 'option "apiKeys.header" must be the name of a header other than Authorization'],
  [{ apiKeys: { keys: [entry], header: 'x api' } }, 'option "apiKeys.header" must be the name of a header other than Authorization'],
  // Introspection.
  [{ resource: RESOURCE, introspection: { ...introspection, clientSecret: undefined } }, 'option "introspection.clientSecret" is missing; it must be a non-empty string'],
  [{ resource: RESOURCE, introspection: { ...introspection, clientAuthentication: 'none' } }, 'option "introspection.clientAuthentication" must be "basic" or "post"'],
  [{ resource: RESOURCE, introspection: { ...introspection, url: 'http://as.example' } }, 'option "introspection.url": Nothing is requested from http://as.example/: the scheme must be https'],
  [{ introspection }, 'option "introspection.audience" is missing; set it, or "resource" to the URL clients use'],
  // Scopes and rules.
  [{ custom, scopes: { supported: ['a', 'offline_access'] } }, 'option "scopes.supported.1" must be a scope, and not offline_access'],
  [{ custom, scopes: { challenge: ['a b'] } }, 'option "scopes.challenge.0" must be a scope, and not offline_access'],
  [{ custom, scopes: { hierarchy: { a: 'b' } } }, 'option "scopes.hierarchy.a" must be a list of scopes'],
  [{ custom, rules: [{ tool: 'x', scopes: ['offline_access'] }] }, 'option "rules.0.scopes.0" must be a scope, and not offline_access'],
  [{ custom, rules: [{ scopes: ['a'] }] }, 'option "rules.0" must have exactly one of "method", "tool", "prompt", "resource"'],
  [{ custom, rules: [{ tool: 'x', method: 'y', scopes: ['a'] }] }, 'option "rules.0" must have exactly one of "method", "tool", "prompt", "resource"'],
  [{ custom, rules: [{ tool: 'x', scopes: [] }] }, 'option "rules.0.scopes" must name at least one scope'],
  [{ custom, rules: [{ method: 'x', scopes: ['a'], hidden: true }] }, 'option "rules.0.hidden" is for tools, prompts and resources'],
  [{ custom, outgoing: { timeoutMs: 0 } }, 'option "outgoing.timeoutMs" must be an integer of at least 1'],
  [{ custom, outgoing: { allow: 'id.internal' } }, 'option "outgoing.allow" must be a list of non-empty strings'],
  [{ custom, outgoing: { allow: ['https://id.internal'] } }, 'option "outgoing.allow.0" must be a host, host:port, or block such as 10.1.0.0/16']
]

t.test('G-15: a bad option throws at registration and names option and expected shape, never what was given', async t => {
  for (const [options, sentence] of rows) {
    const app = Fastify()
    t.teardown(() => app.close())
    const error = { code: 'MCP_AUTH_BAD_OPTION', message: `mcpAuth: ${sentence}` }
    await t.rejects(async () => app.register(mcpAuth, options as McpAuthOptions), error, sentence)
  }
})

t.test('twice in one scope is an error; a child scope may have its own', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(mcpAuth, { custom })
  await app.register(async scope => { await scope.register(mcpAuth, { custom }) })
  await t.rejects(async () => app.register(mcpAuth, { custom }), { code: 'MCP_AUTH_ALREADY_REGISTERED' })
})

t.test('an option that is undefined counts as absent', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  const options = { custom, realm: undefined, metadata: { name: undefined } } as unknown as McpAuthOptions
  await t.resolves(async () => app.register(mcpAuth, options))
})
