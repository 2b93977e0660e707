import t from 'tap'
import { createApiKey, hashApiKey, MCP_AUTH_UNAVAILABLE, type CustomAnswer, type McpAuthOptions } from '../src/index.ts'
import { endpoint } from './helper.ts'
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
