import { generateKeyPairSync } from 'node:crypto'
import t from 'tap'
import type { JwtOptions } from '../../src/index.ts'
import { clock, endpoint, until, type Teardown, type TestEndpoint } from '../helper.ts'
import { claims, issuer, jwkOf, RESOURCE, RSA, signingKey, token, type SigningKey, type TestIssuer } from '../issuer.ts'

const next = signingKey('next')

interface Setup extends TestEndpoint {
  readonly as: TestIssuer
  /** The status a fresh token signed with this key gets. */
  status (key: SigningKey, changes?: Record<string, unknown>): Promise<number>
}

async function setup (t: Teardown, options: Partial<JwtOptions> = {}): Promise<Setup> {
  const as = await issuer(t)
  const jwt = { issuer: as.url, jwksUrl: as.jwksUrl, ...options }
  const made = await endpoint(t, { resource: RESOURCE, jwt, outgoing: { allowLoopback: true } })
  let tokens = 0
  const status = async (key: SigningKey, changes = {}): Promise<number> =>
    (await made.call(`Bearer ${token(claims(as.url, { jti: String(tokens++), ...changes }), key)}`)).status
  return { ...made, as, status }
}

t.test('G-17: many at once fetch the keys once', async t => {
  const { as, status } = await setup(t)
  t.strictSame(new Set(await Promise.all(Array.from({ length: 20 }, () => status(RSA)))), new Set([200]))
  t.equal(as.asked.get('/jwks'), 1)
})

t.test('G-17: a new key is found by its unknown name, without a restart', async t => {
  const time = clock(t)
  const { as, status } = await setup(t)
  t.equal(await status(RSA), 200)
  as.keys = [RSA, next]
  t.equal(await status(next), 401, 'the keys were fetched a moment ago')
  time.advance(30_001)
  t.equal(await status(next), 200)
  t.equal(as.asked.get('/jwks'), 2)
})

t.test('G-17: a flood of unknown keys fetches once per cooldown', async t => {
  const time = clock(t)
  const { as, status } = await setup(t)
  t.equal(await status(RSA), 200)
  for (let round = 2; round < 5; round++) {
    time.advance(30_001)
    const statuses = await Promise.all(Array.from({ length: 20 }, (_, i) => status({ ...next, kid: `${round}-${i}` })))
    t.strictSame(new Set(statuses), new Set([401]))
    t.equal(as.asked.get('/jwks'), round)
    t.equal(await status(RSA), 200, 'nobody else notices')
  }
})

t.test('G-17: a key that is gone is gone for tokens that were verified before', async t => {
  const time = clock(t)
  const { as, call } = await setup(t)
  const shown = token(claims(as.url, { exp: Math.floor(Date.now() / 1000) + 3600 }))
  t.equal((await call(`Bearer ${shown}`)).status, 200)
  as.keys = [next]
  t.equal((await call(`Bearer ${shown}`)).status, 200, 'nobody has said so yet')
  time.advance(600_001)
  await until(async () => (await call(`Bearer ${shown}`)).status === 401, 'the keys were fetched again')
  t.equal(as.asked.get('/jwks'), 2)
})

t.test('G-19: no keys to be had: 503 and Retry-After, asked again after a while', async t => {
  const time = clock(t)
  const { as, call, status, log } = await setup(t)
  as.status = 500
  const { status: first, headers, json } = await call(`Bearer ${token(claims(as.url))}`)
  t.equal(first, 503)
  t.equal(headers['retry-after'], '5')
  t.equal(headers['www-authenticate'], undefined)
  t.match(json, { rung: 'auth-unavailable', code: -32603 })
  t.strictSame(new Set(await Promise.all(Array.from({ length: 10 }, () => status(RSA)))), new Set([503]))
  t.equal(as.asked.get('/jwks'), 1, 'a server that is down is not asked by everybody')
  t.match(log.join(''), /keys or metadata of an issuer not fetched/)
  as.status = 200
  time.advance(5001)
  t.equal(await status(RSA), 200)
})

t.test('G-19: keys that are known serve on while the issuer is down, for an hour', async t => {
  const time = clock(t)
  const { as, status } = await setup(t)
  t.equal(await status(RSA), 200)
  as.status = 503
  time.advance(600_001)
  t.equal(await status(RSA), 200)
  await until(() => as.asked.get('/jwks') === 2, 'they were asked for')
  await until(async () => await status(next) === 503, 'whether a key is new cannot be told')
  time.advance(3_000_000)
  t.equal(await status(RSA), 503, 'older keys may have been withdrawn')
})

t.test('G-19: what is no key set is an outage, not a verdict', async t => {
  const time = clock(t)
  const { as, status } = await setup(t)
  for (const body of [[], {}, { keys: 'none' }, 'text', null]) {
    as.jwks = () => JSON.stringify(body)
    t.equal(await status(RSA), 503, JSON.stringify(body))
    time.advance(5001)
  }
  as.jwks = () => '<html>'
  t.equal(await status(RSA), 503)
})

t.test('G-17: keys that must not verify are left out', async t => {
  const time = clock(t)
  const { as, status } = await setup(t)
  const good = jwkOf(RSA)
  const weak: SigningKey = { kid: 'weak', algorithm: 'RS256', ...generateKeyPairSync('rsa', { modulusLength: 1024 }) }
  const bad: ReadonlyArray<readonly [what: string, key: SigningKey, jwk: unknown]> = [
    ['for encryption', RSA, { ...good, use: 'enc' }],
    ['for other operations', RSA, { ...good, key_ops: ['encrypt'] }],
    ['for another algorithm', RSA, { ...good, alg: 'RS512' }],
    ['private', RSA, { ...RSA.privateKey.export({ format: 'jwk' }), kid: 'first' }],
    ['weak', weak, jwkOf(weak)],
    ['damaged', RSA, { ...good, n: '' }],
    ['no object', RSA, 'key'],
    ['a secret', RSA, { kty: 'oct', k: 'AAAA', kid: 'first' }]
  ]
  for (const [what, key, jwk] of bad) {
    as.jwks = () => ({ keys: [jwk, jwkOf(next)] })
    time.advance(3_700_000)
    t.equal(await status(key), 401, what)
    t.equal(await status(next), 200, 'the others serve')
  }
})

t.test('G-17: without a key id every key of the algorithm is tried, a few at most', async t => {
  const { as, status } = await setup(t)
  as.keys = [next, RSA]
  t.equal(await status({ ...RSA, kid: '' }), 401, 'an empty name is a name')
  const { as: other, call } = await setup(t)
  other.keys = [next, RSA]
  t.equal((await call(`Bearer ${token(claims(other.url), RSA, { kid: undefined })}`)).status, 200)
})

t.test('G-17: a new key without name, a token without kid: the set is fetched again, once in a while', async t => {
  const time = clock(t)
  const as = await issuer(t)
  const unnamed = (): unknown => ({ keys: as.keys.map(key => ({ ...jwkOf(key), kid: undefined })) })
  as.jwks = unnamed
  const { call } = await endpoint(t, {
    resource: RESOURCE, jwt: { issuer: as.url, jwksUrl: as.jwksUrl, keysCooldownSeconds: 30 }, outgoing: { allowLoopback: true }
  })
  const shown = (key: typeof RSA): string => `Bearer ${token(claims(as.url), key, { kid: undefined })}`
  t.equal((await call(shown(RSA))).status, 200)
  const next = signingKey('next')
  as.keys = [next]
  time.advance(31_000)
  t.equal((await call(shown(next))).status, 200, 'the new key verifies at once')
  t.equal((await call(shown(RSA))).status, 401, 'the old one is gone')
  t.equal((await call(shown(signingKey('forged')))).status, 401)
  t.equal(as.asked.get('/jwks'), 2, 'forged tokens fetch nothing within the cooldown')
})
