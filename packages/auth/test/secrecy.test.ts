import t from 'tap'
import { createApiKey } from '../src/index.ts'
import { endpoint } from './helper.ts'
import { claims, issuer, RESOURCE, RSA, token } from './issuer.ts'

t.test('G-22 H-20: no credential in the log at trace, or in an answer', async t => {
  const as = await issuer(t)
  as.introspect = form => ({ active: form.get('token') === 'opaque-good', ...claims(as.url) })
  const { key, entry } = createApiKey()
  const { call, request, log } = await endpoint(t, {
    resource: RESOURCE,
    jwt: { issuer: as.url, jwksUrl: as.jwksUrl },
    apiKeys: { keys: [entry], header: 'x-api-key' },
    introspection: { url: as.introspectionUrl, issuer: as.url, clientId: 'client', clientSecret: 'client-secret-value' },
    outgoing: { allowLoopback: true }
  })
  const good = token(claims(as.url))
  const bad = token(claims(as.url, { aud: 'other', iss: as.url }))
  const shown = [key, good, 'opaque-good']
  const refused = ['mcp_wrong-key', bad, 'opaque-wrong', 'a.b.c']
  for (const one of shown) t.equal((await call(`Bearer ${one}`)).status, 200)
  const answers = await Promise.all(refused.map(one => call(`Bearer ${one}`)))
  answers.push(await request('/mcp', ['Authorization', `Basic ${key}`]), await request('/mcp', ['X-API-Key', key, 'X-API-Key', key]))
  as.status = 500
  answers.push(await call('Bearer opaque-outage'))
  const secrets = [key, 'mcp_wrong-key', 'opaque-', 'client-secret-value', ...[good, bad].flatMap(one => one.split('.').slice(1))]
  const written = log.join('')
  const answered = answers.map(({ text, headers }) => text + JSON.stringify(headers)).join('')
  for (const secret of secrets) {
    t.notOk(written.includes(secret), 'not in the log')
    t.notOk(answered.includes(secret), 'not in an answer')
  }
})

t.test('H-20 H-24: what a token says of itself cannot write log lines of its own', async t => {
  const as = await issuer(t)
  const jwt = { issuer: as.url, jwksUrl: as.jwksUrl }
  const { call, log } = await endpoint(t, { resource: RESOURCE, jwt, outgoing: { allowLoopback: true } })
  const nasty = 'x\r\n{"level":60}\u001b[31m\u2028' + 'y'.repeat(500)
  const headers = [{ alg: nasty }, { alg: 'RS256', kid: nasty }, { alg: 'RS256', typ: nasty }]
  for (const shown of [token(claims(nasty)), ...headers.map(header => token(claims(as.url), RSA, header))]) {
    const { status, headers, json } = await call(`Bearer ${shown}`)
    t.equal(status, 401)
    t.notMatch(String(json.message), /[^\x20-\x7e]|y{100}/)
    t.notMatch(String(headers['www-authenticate']), /level|yyy/)
  }
  t.notMatch(log.join(''), /y{100}|\\u001b|\\r/)
})
