import t from 'tap'
import type { IntrospectionOptions } from '../../src/index.ts'
import { clock, endpoint, type Teardown, type TestEndpoint } from '../helper.ts'
import { claims, issuer, RESOURCE, type TestIssuer } from '../issuer.ts'

type Json = Record<string, unknown>

interface Setup extends TestEndpoint {
  readonly as: TestIssuer
  asked (): number
}

async function setup (t: Teardown, options: Partial<IntrospectionOptions> = {}): Promise<Setup> {
  const as = await issuer(t)
  as.introspect = () => ({ active: true, token_type: 'Bearer', ...claims(as.url) })
  const introspection = { url: as.introspectionUrl, issuer: as.url, clientId: 'mcp:server', clientSecret: 'secret+1', ...options }
  const made = await endpoint(t, { resource: RESOURCE, introspection, outgoing: { allowLoopback: true } })
  return { ...made, as, asked: () => as.asked.get('/introspect') ?? 0 }
}

t.test('G-16 G-26: an opaque token is asked about, with client authentication', async t => {
  const { as, call } = await setup(t)
  const seen: Json[] = []
  as.introspect = (form, request) => {
    seen.push({ ...Object.fromEntries(form), authorization: request.headers.authorization })
    return { active: true, ...claims(as.url) }
  }
  const { status, json } = await call('Bearer opaque')
  t.equal(status, 200)
  t.match(json, { kind: 'introspection', issuer: as.url, subject: 'alice', clientId: 'app', scopes: ['read', 'write'], token: 'opaque' })
  const authorization = `Basic ${Buffer.from('mcp%3Aserver:secret%2B1').toString('base64')}`
  t.strictSame(seen, [{ token: 'opaque', token_type_hint: 'access_token', authorization }], 'name and secret are form-encoded first')
})

t.test('client_secret_post', async t => {
  const { as, call } = await setup(t, { clientAuthentication: 'post' })
  as.introspect = (form, request) => ({ active: form.get('client_id') === 'mcp:server' && form.get('client_secret') === 'secret+1' && request.headers.authorization === undefined, ...claims(as.url) })
  t.equal((await call('Bearer opaque')).status, 200)
})

t.test('G-4 G-16: what is not active, not for us, or no access token: 401', async t => {
  const { as, call } = await setup(t)
  const now = Math.floor(Date.now() / 1000)
  const rows: ReadonlyArray<readonly [what: string, answer: Json, reason: RegExp]> = [
    ['inactive', { active: false }, /not active/],
    ['another audience', { aud: 'https://other.example' }, /another audience/],
    ['no audience', { aud: undefined }, /another audience/],
    ['another issuer', { iss: 'https://evil.example' }, /is not trusted/],
    ['expired', { exp: now - 31 }, /has expired/],
    ['exp no number', { exp: 'soon' }, /wrong type/],
    ['nbf no number', { nbf: 'soon' }, /wrong type/],
    ['not valid yet', { nbf: now + 100 }, /not valid yet/],
    ['bound to a key', { cnf: { jkt: 'x' } }, /bound to a key/],
    ['DPoP', { token_type: 'DPoP' }, /no access token/],
    ['a refresh token', { token_type: 'refresh_token' }, /no access token/],
    ['Cognito refresh', { token_use: 'refresh' }, /no access token/],
    ['token_use refresh_token', { token_use: 'refresh_token', token_type: 'Bearer' }, /no access token/],
    ['Keycloak refresh', { typ: 'Refresh', token_type: 'Bearer' }, /no access token/],
    ['Keycloak offline', { typ: 'Offline' }, /no access token/],
    ['Keycloak ID', { typ: 'ID' }, /no access token/],
    ['an ID token', { at_hash: 'x' }, /no access token/],
    ['an ID token by its nonce', { nonce: 'x', scope: undefined }, /no access token/],
    ['type refresh', { type: 'refresh' }, /no access token/],
    ['a logout token', { events: {} }, /no access token/],
    ['null audience', { aud: null }, /another audience/],
    ['null names', { sub: null, client_id: null }, /neither subject nor client/],
    ['nobody named', { sub: undefined, client_id: undefined }, /neither subject nor client/]
  ]
  for (const [what, answer, reason] of rows) {
    as.introspect = () => ({ active: true, ...claims(as.url), ...answer })
    const { status, json, headers } = await call(`Bearer ${what.replaceAll(' ', '-')}`)
    t.equal(status, 401, what)
    t.match(json.message, reason)
    t.match(headers['www-authenticate'], /error="invalid_token"/)
  }
})

t.test('G-16: an audience list; no iss, exp or token_type', async t => {
  const { as, call } = await setup(t)
  as.introspect = () => ({ active: true, sub: 'bob', aud: ['https://other.example', RESOURCE] })
  t.match((await call('Bearer opaque')).json, { issuer: as.url, subject: 'bob', scopes: [] })
})

t.test('G-22: answers are remembered for a while, never longer than the token', async t => {
  const time = clock(t)
  const { as, call, asked } = await setup(t)
  const exp = Math.floor(Date.now() / 1000) + 40
  as.introspect = () => ({ active: true, ...claims(as.url, { exp }) })
  for (let i = 0; i < 3; i++) t.equal((await call('Bearer opaque')).status, 200)
  t.equal(asked(), 1)
  time.advance(30_001)
  t.equal((await call('Bearer opaque')).status, 200)
  t.equal(asked(), 2)
  as.introspect = () => ({ active: false })
  time.advance(10_000)
  t.equal((await call('Bearer opaque')).status, 401, 'it was asked about again when it expired')
  t.equal((await call('Bearer opaque')).status, 401)
  t.equal(asked(), 3, 'a refusal counts for a moment too')
  time.advance(5001)
  await call('Bearer opaque')
  t.equal(asked(), 4)
})

t.test('many at once ask once; each token has its own answer', async t => {
  const { as, call, asked } = await setup(t, { cacheSeconds: 0 })
  as.introspect = form => ({ active: true, ...claims(as.url, { sub: form.get('token') }) })
  const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => call(`Bearer token-${i % 2}`)))
  t.strictSame(answers.map(({ json }) => json.subject), Array.from({ length: 20 }, (_, i) => `token-${i % 2}`))
  t.ok(asked() < 20, `${asked()} questions`)
})

t.test('the cache is bounded', async t => {
  const { call, asked } = await setup(t, { cacheTokens: 2 })
  for (const name of ['a', 'b', 'a', 'c', 'a', 'b']) await call(`Bearer ${name}`)
  t.equal(asked(), 4, 'b was the least recently used')
})

t.test('G-19: an outage of introspection: 503 and Retry-After, and nothing is remembered', async t => {
  const { as, call, log } = await setup(t)
  const bad: ReadonlyArray<() => unknown> = [() => 'text', () => ({}), () => ({ active: 'true' }), () => JSON.stringify([])]
  for (const status of [401, 403, 404, 500, 503]) {
    as.status = status
    const { status: got, headers, json } = await call('Bearer opaque')
    t.equal(got, 503, String(status))
    t.equal(headers['retry-after'], '5')
    t.match(json, { rung: 'auth-unavailable' })
  }
  as.status = 200
  for (const answer of bad) {
    as.introspect = answer
    t.equal((await call('Bearer opaque')).status, 503)
  }
  as.introspect = () => ({ active: true, ...claims(as.url) })
  t.equal((await call('Bearer opaque')).status, 200)
  t.match(log.join(''), /introspection answered 500/)
  t.notMatch(log.join(''), /secret\+1|"Bearer opaque"/)
})

t.test('G-25: JWTs are asked about where nobody verifies them here', async t => {
  const { call, asked } = await setup(t)
  t.equal((await call('Bearer a.b.c')).status, 200)
  t.equal(asked(), 1)
})

t.test('a member that is null counts as absent', async t => {
  const { as, call } = await setup(t)
  const names = ['iss', 'nbf', 'exp', 'iat', 'cnf', 'token_type', 'typ', 'token_use', 'nonce', 'events', 'username']
  const nothing = Object.fromEntries(names.map(name => [name, null]))
  as.introspect = () => ({ active: true, ...claims(as.url), ...nothing })
  const { status, json } = await call('Bearer opaque')
  t.equal(status, 200)
  t.match(json, { subject: 'alice', scopes: ['read', 'write'] })
  t.notOk('expiresAt' in json)
  as.introspect = () => ({ active: null })
  t.equal((await call('Bearer other')).status, 503, 'whether it is active must be said')
})
