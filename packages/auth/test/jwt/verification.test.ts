import t from 'tap'
import { principalKey, type Principal } from '@mcp/protocol'
import type { JwtOptions } from '../../src/index.ts'
import { endpoint, type TestEndpoint, type Teardown } from '../helper.ts'
import { claims, issuer, jwkOf, pemOf, RESOURCE, RSA, signingKey, token, type TestIssuer } from '../issuer.ts'

const CHALLENGE = 'Bearer resource_metadata="https://mcp.example.com/.well-known/oauth-protected-resource/mcp"'

async function protectedEndpoint (t: Teardown, options: Partial<JwtOptions> = {}): Promise<TestEndpoint & { as: TestIssuer }> {
  const as = await issuer(t)
  const jwt = { issuer: as.url, jwksUrl: as.jwksUrl, ...options }
  return { as, ...await endpoint(t, { resource: RESOURCE, jwt, outgoing: { allowLoopback: true } }) }
}

t.test('G-26: a good token becomes a principal', async t => {
  const { as, call } = await protectedEndpoint(t)
  const payload = claims(as.url)
  const shown = token(payload)
  const { status, json } = await call(`Bearer ${shown}`)
  t.equal(status, 200)
  t.strictSame(json, {
    kind: 'jwt', issuer: as.url, subject: 'alice', clientId: 'app', scopes: ['read', 'write'], expiresAt: payload.exp, claims: payload, token: shown
  })
})

t.test('D-15 G-26: a refreshed token is the same caller, another client or issuer is not', async t => {
  const { as, call } = await protectedEndpoint(t)
  const key = async (changes: Record<string, unknown>): Promise<string> => {
    return principalKey((await call(`Bearer ${token(claims(as.url, changes))}`)).json as unknown as Principal)
  }
  const first = await key({ jti: '1' })
  t.equal(await key({ jti: '2', scope: 'more', exp: Math.floor(Date.now() / 1000) + 900 }), first)
  t.not(await key({ client_id: 'other' }), first)
  t.not(await key({ sub: 'bob' }), first)
})

t.test('G-26: scopes and client under the names other issuers give them', async t => {
  const { as, call } = await protectedEndpoint(t, { scopeClaims: ['scope', 'scp', 'permissions'] })
  const principal = async (changes: Record<string, unknown>) => (await call(`Bearer ${token(claims(as.url, changes))}`)).json
  t.match(await principal({ scope: undefined, scp: ['a', 'b'], client_id: undefined, cid: 'okta' }), { scopes: ['a', 'b'], clientId: 'okta' })
  t.match(await principal({ scope: undefined, scp: 'a b', client_id: undefined, azp: 'entra' }), { scopes: ['a', 'b'], clientId: 'entra' })
  t.match(await principal({ scope: 'a  b', permissions: ['b', 'c', 7] }), { scopes: ['a', 'b', 'c'] })
  t.match(await principal({ scope: undefined, sub: undefined }), { scopes: [], subject: 'app' })
})

t.test('G-16 G-17: algorithms of every kind', async t => {
  const { as, call } = await protectedEndpoint(t)
  const keys = ['RS384', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'].map(algorithm => signingKey(algorithm, algorithm))
  as.keys = [RSA, ...keys]
  for (const key of as.keys) t.equal((await call(`Bearer ${token(claims(as.url), key)}`)).status, 200, key.algorithm)
})

t.test('G-4 G-16 G-17 G-18: what is wrong with a token: 401 invalid_token', async t => {
  const { as, call, log } = await protectedEndpoint(t)
  const now = Math.floor(Date.now() / 1000)
  const other = signingKey('first')
  const good = claims(as.url)
  const rows: Record<string, readonly [token: string, reason: RegExp]> = {
    expired: [token({ ...good, exp: now - 31 }), /has expired/],
    'not valid yet': [token({ ...good, nbf: now + 120 }), /not valid yet/],
    'no exp': [token({ ...good, exp: undefined }), /lacks one of the claims/],
    'exp no number': [token({ ...good, exp: 'never' }), /wrong type/],
    'wrong issuer': [token({ ...good, iss: 'https://evil.example' }), /issuer "https:\/\/evil.example" is not trusted/],
    'no issuer': [token({ ...good, iss: undefined }), /is not trusted/],
    'a list of issuers': [token({ ...good, iss: [as.url] }), /is not trusted/],
    'another audience': [token({ ...good, aud: 'https://other.example/mcp' }), /another audience/],
    'a parent as audience': [token({ ...good, aud: 'https://mcp.example.com' }), /another audience/],
    'no audience': [token({ ...good, aud: undefined }), /lacks one of the claims/],
    'signed by somebody else': [token(good, other), /signature is invalid/],
    'key unknown': [token(good, signingKey('nobody')), /no key of the issuer is named "nobody"/],
    unsigned: [token(good, null), /algorithm "none" is not allowed/],
    'unsigned, other case': [token(good, null, { alg: 'None' }), /algorithm "None" is not allowed/],
    'no algorithm': [token(good, RSA, { alg: undefined }), /algorithm nothing is not allowed/],
    'signature left out': [token(good).replace(/[^.]+$/, ''), /not signed/],
    'public key as secret': [token(good, pemOf(RSA), { kid: 'first' }), /algorithm "HS256" is not allowed/],
    'the key of RS256 with PS256': [token(good, { ...RSA, algorithm: 'PS256' }), /no key/],
    'claims changed': [token(good).replace(/\.[^.]+\./, `.${Buffer.from(JSON.stringify({ ...good, sub: 'root' })).toString('base64url')}.`), /signature is invalid/],
    'an extension that must be known': [token(good, RSA, { crit: ['b64'], b64: false }), /demands an extension/],
    'a key of its own': [token(good, other, { jwk: other.publicKey.export({ format: 'jwk' }) }), /signature is invalid/],
    'nobody named': [token({ ...good, sub: undefined, client_id: undefined }), /neither subject nor client/],
    'no JSON': ['YWJj.YWJj.YWJj', /is no JWT/],
    opaque: ['opaque', /is no JWT/]
  }
  for (const [name, [shown, reason]] of Object.entries(rows)) {
    const { status, headers, json, text } = await call(`Bearer ${shown}`)
    t.equal(status, 401, name)
    t.equal(headers['www-authenticate'], `${CHALLENGE}, error="invalid_token", error_description="The token is invalid or has expired"`, name)
    t.match(json.message, reason, name)
    t.notMatch(text, shown.split('.')[2] || 'nothing left out', name)
  }
  t.equal(as.asked.get('/jwks'), 1, 'keys were fetched once')
  t.notMatch(log.join(''), token(good).split('.')[2])
})

t.test('G-16 G-18: an audience list with ours in it; exp and nbf within the skew', async t => {
  const { as, call } = await protectedEndpoint(t)
  const now = Math.floor(Date.now() / 1000)
  const good = [{ aud: ['https://other.example', RESOURCE] }, { exp: now - 20 }, { nbf: now + 20 }, { nbf: now - 20 }]
  for (const changes of good) t.equal((await call(`Bearer ${token(claims(as.url, changes))}`)).status, 200, JSON.stringify(changes))
  const strict = await protectedEndpoint(t, { clockSkewSeconds: 0 })
  t.equal((await strict.call(`Bearer ${token(claims(strict.as.url, { exp: now - 2 }))}`)).status, 401, 'no skew')
})

t.test('G-17: ID tokens, refresh tokens and tokens bound to a key are no bearer access tokens', async t => {
  const { as, call } = await protectedEndpoint(t)
  const status = async (header: Record<string, unknown>, changes: Record<string, unknown> = {}) =>
    (await call(`Bearer ${token(claims(as.url, changes), RSA, header)}`)).status
  t.equal(await status({ typ: 'at+jwt' }), 200)
  t.equal(await status({ typ: 'application/AT+JWT' }), 200)
  t.equal(await status({ typ: 'JWT' }), 200)
  t.equal(await status({ typ: undefined }), 200)
  t.equal(await status({ typ: 'JWT' }, { typ: 'Bearer', nonce: 'n' }), 200, 'Keycloak before 24')
  t.equal(await status({ typ: 'JWT' }, { token_use: 'access' }), 200, 'Cognito')
  for (const typ of ['id+jwt', 'logout+jwt', 'secevent+jwt', 'dpop+jwt', 'rt+jwt', 7]) {
    t.equal(await status({ typ }), 401, String(typ))
  }
  const others: ReadonlyArray<Record<string, unknown>> = [
    { at_hash: 'x' }, { c_hash: 'x' }, { s_hash: 'x' }, { nonce: 'n', scope: undefined }, { typ: 'ID' }, { typ: 'Refresh' }, { token_use: 'id' }, { events: {} }
  ]
  for (const changes of others) t.equal(await status({ typ: 'JWT' }, changes), 401, JSON.stringify(changes))
  t.equal(await status({ typ: 'at+jwt' }, { cnf: { jkt: 'x' } }), 401, 'DPoP-bound')
  const strict = await protectedEndpoint(t, { requireAtJwt: true })
  t.equal((await strict.call(`Bearer ${token(claims(strict.as.url), RSA, { typ: 'JWT' })}`)).status, 401, 'requireAtJwt')
  t.equal((await strict.call(`Bearer ${token(claims(strict.as.url))}`)).status, 200)
})

t.test('G-17: a narrower list of algorithms; a secret takes HS alone, a public key never', async t => {
  const narrow = await protectedEndpoint(t, { algorithms: ['ES256'] })
  t.equal((await narrow.call(`Bearer ${token(claims(narrow.as.url))}`)).status, 401)
  const secret = 'a secret of more than thirty-two characters'
  const shared = await endpoint(t, { jwt: { issuer: 'ours', audience: 'mcp', secret } })
  const ours = claims('ours', { aud: 'mcp' })
  t.equal((await shared.call(`Bearer ${token(ours, secret)}`)).status, 200)
  t.equal((await shared.call(`Bearer ${token(ours, `${secret}!`)}`)).status, 401)
  t.equal((await shared.call(`Bearer ${token(ours, RSA)}`)).status, 401)
  t.equal((await shared.call(`Bearer ${token(ours, null)}`)).status, 401)
  const fixed = await endpoint(t, { jwt: { issuer: 'ours', audience: 'mcp', publicKey: pemOf(RSA) } })
  t.equal((await fixed.call(`Bearer ${token(ours, RSA)}`)).status, 200)
  t.equal((await fixed.call(`Bearer ${token(ours, pemOf(RSA))}`)).status, 401, 'the public key as a secret')
  t.equal((await fixed.call(`Bearer ${token(ours, RSA, { kid: undefined })}`)).status, 200, 'without a key id')
})

t.test('G-16: several issuers, each with its own keys', async t => {
  const [one, two] = [await issuer(t), await issuer(t)]
  const second = signingKey('first')
  two.keys = [second]
  const jwt = [one, two].map(as => ({ issuer: as.url, jwksUrl: as.jwksUrl }))
  const { call } = await endpoint(t, { resource: RESOURCE, jwt, outgoing: { allowLoopback: true } })
  t.match((await call(`Bearer ${token(claims(one.url))}`)).json, { issuer: one.url })
  t.match((await call(`Bearer ${token(claims(two.url), second)}`)).json, { issuer: two.url })
  t.equal((await call(`Bearer ${token(claims(two.url), RSA)}`)).status, 401, 'one cannot speak for the other')
})

t.test('RFC 9864: keys and tokens name EdDSA or their curve, in any combination; all else about a token is checked as ever', async t => {
  const { as, call, log } = await protectedEndpoint(t)
  const key = signingKey('curve', 'Ed25519')
  for (const alg of ['EdDSA', 'Ed25519', undefined]) {
    as.keys = [{ ...key, kid: `key ${alg}` }]
    as.jwks = () => ({ keys: as.keys.map(one => ({ ...jwkOf(one), alg })) })
    for (const algorithm of ['EdDSA', 'Ed25519']) {
      const named = { ...key, kid: `key ${alg}`, algorithm }
      const jwt = { issuer: as.url, jwksUrl: as.jwksUrl }
      const { call } = await endpoint(t, { resource: RESOURCE, jwt, outgoing: { allowLoopback: true } })
      t.equal((await call(`Bearer ${token(claims(as.url), named)}`)).status, 200, `${alg} key, ${algorithm} token`)
    }
  }
  as.keys = [key]
  const now = Math.floor(Date.now() / 1000)
  const good = token(claims(as.url), key)
  const rows: ReadonlyArray<readonly [shown: string, reason: RegExp]> = [
    [token(claims(as.url, { exp: now - 31 }), key), /has expired/],
    [token(claims(as.url, { nbf: now + 120 }), key), /not valid yet/],
    [token(claims(as.url, { nbf: 'soon' }), key), /wrong type/],
    [token(claims(as.url, { aud: 'https://other.example' }), key), /another audience/],
    [token(claims(as.url, { aud: [] }), key), /another audience/],
    [token(claims(as.url, { aud: undefined }), key), /lacks one of the claims/],
    [token(claims(as.url, { exp: undefined }), key), /lacks one of the claims|no time of expiry/],
    [token(claims(as.url, { token_use: 'refresh' }), key, { typ: 'JWT' }), /no access token/],
    [token(claims(as.url), key, { crit: ['x'] }), /demands an extension/],
    [token(claims(as.url), signingKey('curve', 'Ed25519')), /signature is invalid/],
    [good.slice(0, good.lastIndexOf('.') + 1), /not signed/],
    [token(claims(as.url), key, { alg: 'Ed448' }), /no key of the issuer/]
  ]
  for (const [shown, reason] of rows) {
    log.splice(0)
    t.equal((await call(`Bearer ${shown}`)).status, 401, String(reason))
    t.ok(log.some(line => reason.test(line)), `${reason} in ${log.join('')}`)
  }
})

t.test('tokens without audience: accepted for the clients named, and only for those', async t => {
  const as = await issuer(t)
  const jwt = { issuer: as.url, jwksUrl: as.jwksUrl, clients: ['app'] }
  for (const key of [RSA, signingKey('ed', 'Ed25519')]) {
    as.keys = [key]
    const { call } = await endpoint(t, { jwt, authorizationServers: [], outgoing: { allowLoopback: true } })
    const status = async (changes: Record<string, unknown>): Promise<number> => (await call(`Bearer ${token(claims(as.url, changes), key)}`)).status
    t.equal(await status({ aud: undefined, token_use: 'access' }), 200)
    t.equal(await status({ aud: undefined, client_id: 'other' }), 401)
    t.equal(await status({ aud: undefined, client_id: undefined }), 401)
    t.equal(await status({}), 401, 'a token for another audience stays one')
    const both = await endpoint(t, { resource: RESOURCE, jwt, outgoing: { allowLoopback: true } })
    t.equal((await both.call(`Bearer ${token(claims(as.url, { client_id: 'other' }), key)}`)).status, 200, 'an audience of ours is enough')
  }
})
