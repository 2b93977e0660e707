import fastifyJwt from '@fastify/jwt'
import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import { createApiKey, hashApiKey, mcpAuth, MCP_AUTH_UNAVAILABLE, type CustomAnswer, type McpAuthOptions } from '../src/index.ts'
import { addEndpoint, endpoint, started, type Teardown } from './helper.ts'
import { claims, issuer, RESOURCE, token } from './issuer.ts'

const bob = { issuer: 'us', subject: 'bob', scopes: ['read'] }

t.test('G-1 G-26: a function of the one who runs the server, answering at once or later', async t => {
  for (const custom of [
    (shown: string | null) => shown === 'good' ? bob : null,
    async (shown: string | null) => shown === 'good' ? bob : null
  ]) {
    const { call } = await endpoint(t, { custom })
    t.strictSame((await call('Bearer good')).json, { kind: 'custom', ...bob, token: 'good' })
    const { status, headers } = await call('Bearer bad')
    t.equal(status, 401)
    t.match(headers['www-authenticate'], /error="invalid_token"/)
    t.equal((await call()).status, 401, 'it is not asked about nothing')
  }
})

t.test('G-19: an outage is 503, a fault 500 and nothing is executed', async t => {
  for (const later of [false, true]) {
    const fails = (error: Error) => (): Promise<CustomAnswer> => {
      if (later) return Promise.reject(error)
      throw error
    }
    const outage = await endpoint(t, { custom: fails(new MCP_AUTH_UNAVAILABLE('the directory is down')) })
    t.equal((await outage.call('Bearer x')).status, 503)
    const fault = await endpoint(t, { custom: fails(new Error('a bug')) })
    t.equal((await fault.call('Bearer x')).status, 500)
  }
})

t.test('G-19: an answer that is no principal is a fault: 500', async t => {
  const answers: readonly unknown[] = [
    undefined, true, 'bob', {}, { ...bob, issuer: '' }, { ...bob, subject: 7 }, { ...bob, scopes: 'read' }, { ...bob, scopes: [1] },
    { ...bob, clientId: 7 }, { ...bob, expiresAt: 'soon' }
  ]
  for (const answer of answers) {
    const { call } = await endpoint(t, { custom: () => answer as CustomAnswer })
    t.equal((await call('Bearer x')).status, 500, JSON.stringify(answer))
  }
})

t.test('G-4: a principal whose time is over: 401', async t => {
  const { call } = await endpoint(t, { custom: () => ({ ...bob, expiresAt: Date.now() / 1000 - 1 }) })
  t.equal((await call('Bearer x')).status, 401)
})

t.test('G-1: withoutToken: what else a request shows may be enough', async t => {
  const custom: McpAuthOptions['custom'] = {
    withoutToken: true,
    authenticate: (shown, head) => shown === null && head.headers['x-client-subject'] === 'bob' ? bob : null
  }
  const { request } = await endpoint(t, { custom })
  const { status, json } = await request('/mcp', ['X-Client-Subject', 'bob'])
  t.equal(status, 200)
  t.strictSame(json, { kind: 'custom', ...bob })
  const refused = await request('/mcp')
  t.equal(refused.status, 401)
  t.equal(refused.headers['www-authenticate'], 'Bearer realm="mcp"', 'nothing was sent, so no error is named')
})

t.test('G-25: each token has one authenticator, chosen by its shape; nobody else is asked after that', async t => {
  const as = await issuer(t)
  as.introspect = () => ({ active: true, ...claims(as.url, { sub: 'introspected' }) })
  const { key, entry } = createApiKey({ id: 'ci' })
  const asked: Array<string | null> = []
  const { call } = await endpoint(t, {
    resource: RESOURCE,
    jwt: { issuer: as.url, jwksUrl: as.jwksUrl },
    apiKeys: { keys: [entry] },
    introspection: { url: as.introspectionUrl, issuer: as.url, clientId: 'c', clientSecret: 's' },
    custom: {
      accepts: shown => shown.startsWith('own-'),
      authenticate: shown => {
        asked.push(shown)
        return shown === 'own-good' ? bob : null
      }
    },
    outgoing: { allowLoopback: true }
  })
  t.match((await call(`Bearer ${token(claims(as.url))}`)).json, { kind: 'jwt' })
  t.match((await call(`Bearer ${key}`)).json, { kind: 'api-key' })
  t.match((await call('Bearer opaque')).json, { kind: 'introspection' })
  t.match((await call('Bearer own-good')).json, { kind: 'custom' })
  const introspections = as.asked.get('/introspect')
  for (const bad of [token(claims(as.url, { aud: 'x' })), 'mcp_unknown', 'own-bad', 'own-a.b.c']) {
    t.equal((await call(`Bearer ${bad}`)).status, 401, bad.slice(0, 12))
  }
  t.equal(as.asked.get('/introspect'), introspections, 'introspection heard of none of them')
  t.strictSame(asked, ['own-good', 'own-bad', 'own-a.b.c'])
})

t.test('G-25: a JWT that fails is not tried as an API key, even when it is one', async t => {
  const as = await issuer(t)
  const shaped = token(claims(as.url, { aud: 'https://other.example' }))
  const apiKeys = { keys: [{ id: 'odd', hash: hashApiKey(shaped) }], header: 'x-api-key' }
  const jwt = { issuer: as.url, jwksUrl: as.jwksUrl }
  const { call, request } = await endpoint(t, { resource: RESOURCE, jwt, apiKeys, outgoing: { allowLoopback: true } })
  t.equal((await call(`Bearer ${shaped}`)).status, 401)
  t.equal((await request('/mcp', ['x-api-key', shaped])).status, 200, 'in the header for keys it is one')
})

t.test('G-4: what a JWT library throws about a token is 401, what it throws about anything else is not', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(fastifyJwt, { secret: 'a secret that is long enough for this' })
  const custom = (shown: string | null): CustomAnswer => {
    const { sub } = app.jwt.verify<{ sub: string }>(shown ?? '')
    return { issuer: 'us', subject: sub, scopes: [] }
  }
  const { call } = await endpoint(t, { custom })
  t.equal((await call(`Bearer ${app.jwt.sign({ sub: 'bob' })}`)).status, 200)
  for (const shown of ['x', 'a.b.c', app.jwt.sign({ sub: 'bob', exp: 1 }), `${app.jwt.sign({ sub: 'bob' })}x`]) {
    const { status, headers } = await call(`Bearer ${shown}`)
    t.equal(status, 401, shown)
    t.match(headers['www-authenticate'], /error="invalid_token"/)
  }
  const rows: ReadonlyArray<readonly [error: unknown, status: number]> = [
    [Object.assign(new Error('expired'), { code: 'ERR_JWT_EXPIRED' }), 401],
    [Object.assign(new Error('no'), { name: 'JsonWebTokenError' }), 401],
    [Object.assign(new Error('no'), { statusCode: 401 }), 401],
    [Object.assign(new Error('wrong key'), { code: 'FAST_JWT_INVALID_KEY' }), 500],
    [Object.assign(new Error('slow'), { code: 'ERR_JWKS_TIMEOUT' }), 500],
    [new TypeError('a bug'), 500],
    [null, 500]
  ]
  for (const [error, status] of rows) {
    const sync = await endpoint(t, { custom: () => { throw error } })
    t.equal((await sync.call('Bearer x')).status, status, String(error))
    const later = await endpoint(t, { custom: () => Promise.reject(error) })
    t.equal((await later.call('Bearer x')).status, status, String(error))
  }
})

t.test('fromRequest: the principal is what hooks of the application have put on the request', async t => {
  const { app, origin } = await existing(t, async user => user.name === 'nobody' ? null : { issuer: 'us', subject: user.name, scopes: ['read'] })
  const ask = async (authorization: string): Promise<Response> => await fetch(`${origin}/mcp`, { method: 'POST', headers: { authorization } })
  const bearer = `Bearer ${app.jwt.sign({ name: 'bob' })}`
  t.strictSame(await (await ask(bearer)).json(), { kind: 'custom', issuer: 'us', subject: 'bob', scopes: ['read'], token: bearer.slice(7) })
  t.equal((await ask(`Bearer ${app.jwt.sign({ name: 'nobody' })}`)).status, 401)
  t.strictSame(await (await ask('Basic Ym9iOg==')).json(), { kind: 'custom', issuer: 'us', subject: 'basic', scopes: ['read'] }, 'any scheme of theirs')
})

async function existing (
  t: Teardown, principalFor: (user: { name: string }) => Promise<CustomAnswer>
): Promise<{ app: FastifyInstance, origin: string }> {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(fastifyJwt, { secret: 'a secret that is long enough for this' })
  app.addHook('onRequest', async request => {
    if (request.headers.authorization?.startsWith('Basic') === true) request.user = { name: 'basic' }
    else await request.jwtVerify()
  })
  await app.register(mcpAuth, { fromRequest: request => principalFor(request.user as { name: string }) })
  addEndpoint(app, '/mcp')
  return { app, origin: (await started(app)).origin }
}

t.test('fromRequest excludes other authenticators', async t => {
  const app = Fastify()
  await t.rejects(async () => { await app.register(mcpAuth, { fromRequest: () => null, custom: () => null }) }, { code: 'MCP_AUTH_BAD_OPTION', message: /excludes/ })
})
