/** How the applications that hold keys come and go. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { createOutgoing } from '../../src/index.ts'
import { ASYMMETRIC } from '../../src/jwt/algorithms.ts'
import { RemoteKeys } from '../../src/jwt/remote-keys.ts'
import { endpoint, clock, until, type Teardown } from '../helper.ts'
import { claims, issuer, jwkOf, pemOf, RESOURCE, RSA, signingKey, token, type TestIssuer } from '../issuer.ts'

const next = signingKey('next')

interface Setup {
  readonly as: TestIssuer
  readonly keys: RemoteKeys
  /** Fetches the set again, as for a key nobody knows. */
  renew (): Promise<void>
  removals (): number
}

async function setup (t: Teardown): Promise<Setup> {
  const time = clock(t)
  const as = await issuer(t)
  const outgoing = createOutgoing({ allowLoopback: true })
  t.teardown(() => outgoing.close())
  let removed = 0
  const policy = { issuer: as.url, audiences: [RESOURCE], algorithms: ASYMMETRIC, skewSeconds: 30 }
  const onError = (error: unknown): void => { throw error }
  const options = { maxAgeMs: 600_000, cooldownMs: 1000, onRemoved: () => { removed++ }, onError }
  const keys = new RemoteKeys(outgoing, () => as.jwksUrl, policy, options)
  t.teardown(() => keys.close())
  const renew = async (): Promise<void> => {
    time.advance(1001)
    await keys.find('unknown', 'RS256')
  }
  return { as, keys, renew, removals: () => removed }
}

/** Applications that were made, and how many of them were closed. */
function applications (t: Teardown): { made (): number, closed (): number } {
  let [made, closed] = [0, 0]
  const heard = (message: unknown): void => {
    made++
    const app: FastifyInstance = Reflect.get(Object(message), 'fastify')
    app.addHook('onClose', async () => { closed++ })
  }
  subscribe('fastify.initialization', heard)
  t.teardown(() => unsubscribe('fastify.initialization', heard))
  return { made: () => made, closed: () => closed }
}

t.test('G-17: a key that stays keeps its verifier; one that goes is closed; one that changes is another', async t => {
  const { as, keys, renew, removals } = await setup(t)
  const counted = applications(t)
  const [first] = await keys.find('first', 'RS256')
  t.equal(counted.made(), 1, 'built when it is first seen')
  await renew()
  t.equal(as.asked.get('/jwks'), 2)
  t.equal((await keys.find('first', 'RS256'))[0], first)
  as.keys = [next, RSA]
  await renew()
  t.strictSame([(await keys.find('first', 'RS256'))[0] === first, (await keys.find('next', 'RS256')).length], [true, 1])
  t.strictSame([counted.made(), counted.closed(), removals()], [2, 0, 0])
  as.keys = [next]
  await renew()
  await until(() => counted.closed() === 1, 'the old key was closed')
  t.equal(removals(), 1)
  as.jwks = () => ({ keys: [{ ...jwkOf(next), alg: 'PS256' }] })
  await renew()
  t.strictSame([(await keys.find('next', 'RS256')).length, (await keys.find('next', 'PS256')).length], [0, 1])
  t.strictSame([counted.made(), removals()], [3, 2])
  await keys.close()
  t.equal(counted.closed(), 3)
})

t.test('G-17: no more than 64 keys of a set, and each once', async t => {
  const { as, keys } = await setup(t)
  const counted = applications(t)
  as.jwks = () => ({ keys: [jwkOf(RSA), jwkOf(RSA), ...Array.from({ length: 99 }, (_, i) => ({ ...jwkOf(next), kid: `k${i}` }))] })
  t.equal((await keys.find('first', 'RS256')).length, 1)
  t.equal((await keys.find('k61', 'RS256')).length, 1)
  t.equal((await keys.find('k62', 'RS256')).length, 0)
  t.equal(counted.made(), 63)
})

t.test('keys end with the server, and no application of theirs is to be seen', async t => {
  const as = await issuer(t)
  const jwt = [{ issuer: as.url, jwksUrl: as.jwksUrl }, { issuer: 'fixed', publicKey: pemOf(RSA) }]
  const { app, call } = await endpoint(t, { resource: RESOURCE, authorizationServers: [], jwt, outgoing: { allowLoopback: true } })
  t.equal((await call(`Bearer ${token(claims('fixed'))}`)).status, 200)
  t.notOk(app.hasDecorator('jwt') || app.hasRequestDecorator('user') || app.hasReplyDecorator('jwtSign'))
  const counted = applications(t)
  t.equal((await call(`Bearer ${token(claims(as.url))}`)).status, 200)
  t.equal(counted.made(), 1)
  await app.close()
  t.equal(counted.closed(), 1)
})
