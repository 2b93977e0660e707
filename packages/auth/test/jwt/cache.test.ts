import t from 'tap'
import { createOutgoing, type JwtOptions } from '../../src/index.ts'
import { JwtAuthenticator } from '../../src/jwt/authenticator.ts'
import { trustedIssuer } from '../../src/jwt/issuers.ts'
import { tokenHash } from '../../src/token.ts'
import { clock, endpoint } from '../helper.ts'
import { claims, pemOf, RESOURCE, RSA, token } from '../issuer.ts'

const OURS = 'https://issuer.example'
const options = (changes: Partial<JwtOptions> = {}) => ({
  resource: RESOURCE, authorizationServers: [], jwt: { issuer: OURS, publicKey: pemOf(RSA), ...changes }
})

t.test('G-16 G-22: a verified token is recognized until it expires, and each request gets its own token back', async t => {
  const time = clock(t)
  const { app, call } = await endpoint(t, options())
  const shown = token(claims(OURS, { exp: Math.floor(Date.now() / 1000) + 60 }))
  const head = { method: 'POST', url: '', headers: { authorization: `Bearer ${shown}` }, rawHeaders: ['Authorization', ''], address: '' }
  const first = app.mcpAuth?.authenticate(head)
  const second = app.mcpAuth?.authenticate(head)
  t.notOk(first instanceof Promise, 'a value where nobody has to wait')
  t.strictSame(first, second)
  t.match(second, { kind: 'principal', principal: { subject: 'alice', token: shown } })
  const principal = (value: unknown): object => Reflect.get(Object(value), 'principal')
  t.not(principal(first), principal(second), 'nobody shares the object with the token')
  t.throws(() => Reflect.get(principal(first), 'scopes').push('admin'), 'what is shared cannot be changed')
  t.throws(() => { Reflect.get(principal(first), 'claims').sub = 'root' })
  time.advance(80_000)
  t.equal((await call(`Bearer ${shown}`)).status, 200, 'within the skew')
  time.advance(11_000)
  t.equal((await call(`Bearer ${shown}`)).status, 401)
})

t.test('G-22: what is remembered holds no token', async t => {
  const nobody = () => { throw new Error('nobody is asked') }
  const outgoing = createOutgoing()
  t.teardown(() => outgoing.close())
  const trusted = await trustedIssuer(options().jwt, { outgoing, audiences: [RESOURCE], metadata: nobody, onError: nobody })
  const shown = token(claims(OURS))
  const authenticator = new JwtAuthenticator([trusted])
  t.teardown(() => authenticator.close())
  t.match(authenticator.authenticate(shown), { kind: 'principal', principal: { token: shown } })
  t.equal(trusted.verified.size, 1)
  const kept = JSON.stringify(trusted.verified.get(tokenHash(shown)))
  t.match(kept, '"subject":"alice"')
  for (const part of shown.split('.')) t.notOk(kept.includes(part))
})

t.test('G-17: with cacheTokens 0 every request verifies', async t => {
  const { call } = await endpoint(t, options({ cacheTokens: 0 }))
  const shown = token(claims(OURS))
  for (let i = 0; i < 3; i++) t.equal((await call(`Bearer ${shown}`)).status, 200)
})

t.test('a token that differs in its last bit is another one', async t => {
  const { call } = await endpoint(t, options())
  const shown = token(claims(OURS))
  t.equal((await call(`Bearer ${shown}`)).status, 200)
  const last = shown.at(-20) === 'A' ? 'B' : 'A'
  t.equal((await call(`Bearer ${shown.slice(0, -20)}${last}${shown.slice(-19)}`)).status, 401)
})
