import t from 'tap'
import { createApiKey } from '../src/index.ts'
import { endpoint } from './helper.ts'

const { key, entry } = createApiKey({ id: 'ci', scopes: ['read'] })
const apiKeys = { keys: [entry], header: 'X-API-Key' }
const REALM = 'Bearer realm="mcp"'

t.test('G-2 G-23: a credential in Authorization: Bearer, the scheme in any case, on every method', async t => {
  const { request } = await endpoint(t, { apiKeys })
  for (const method of ['GET', 'DELETE']) {
    const { status, json } = await request('/mcp', ['Authorization', `Bearer ${key}`], method)
    t.equal(status, 200, method)
    t.match(json, { kind: 'api-key', issuer: 'api-keys', subject: 'ci', scopes: ['read'] })
    t.equal((await request('/mcp', [], method)).status, 401, `${method} without`)
  }
  for (const scheme of ['bearer', 'BEARER', 'bEaReR', 'Bearer ', ' Bearer']) {
    t.equal((await request('/mcp', ['Authorization', `${scheme} ${key}`])).status, 200, scheme)
  }
})

t.test('G-23: a key in the one header configured for it, whatever the case of its name, and in no other', async t => {
  const { request } = await endpoint(t, { apiKeys })
  t.equal((await request('/mcp', ['x-api-key', key])).status, 200)
  t.equal((await request('/mcp', ['X-API-KEY', ` ${key} `])).status, 200)
  t.equal((await request('/mcp', ['Api-Key', key])).status, 401)
  t.equal((await request('/mcp', ['X-API-Key', ''])).status, 401)
  t.equal((await request('/mcp', ['Cookie', `x-api-key=${key}`])).status, 401)
  const without = await endpoint(t, { apiKeys: { keys: [entry] } })
  t.equal((await without.request('/mcp', ['X-API-Key', key])).status, 401, 'none is configured')
})

t.test('G-3 G-23: a token in the query is not looked at', async t => {
  const { request } = await endpoint(t, { apiKeys })
  for (const name of ['access_token', 'token', 'api_key', 'x-api-key', 'authorization']) {
    t.equal((await request(`/mcp?${name}=${key}`)).status, 401, name)
  }
  t.equal((await request(`/mcp?access_token=${key}`, ['Authorization', `Bearer ${key}`])).status, 200, 'nor does it disturb')
})

t.test('G-4 G-6 G-27: nothing sent: 401 with a challenge that names no error', async t => {
  const { request } = await endpoint(t, { apiKeys })
  const { status, headers, json } = await request('/mcp')
  t.equal(status, 401)
  t.equal(headers['www-authenticate'], REALM)
  t.match(json, { rung: 'credentials', code: -32600 })
})

t.test('G-10: Bearer without a token: 401 without error, so that clients start the flow', async t => {
  const { request } = await endpoint(t, { apiKeys })
  for (const value of ['Bearer', 'bearer', 'Bearer ', '']) {
    const { status, headers } = await request('/mcp', ['Authorization', value])
    t.equal(status, 401, JSON.stringify(value))
    t.equal(headers['www-authenticate'], REALM)
  }
})

t.test('G-10: a repeated header, or several tokens in one: 400 invalid_request', async t => {
  const { request } = await endpoint(t, { apiKeys })
  const bad: ReadonlyArray<readonly string[]> = [
    ['Authorization', `Bearer ${key}`, 'Authorization', `Bearer ${key}`],
    ['Authorization', `Bearer ${key}`, 'authorization', 'Bearer other'],
    ['Authorization', '', 'Authorization', `Bearer ${key}`],
    ['X-API-Key', key, 'X-API-Key', key],
    ['Authorization', `Bearer ${key} ${key}`],
    ['Authorization', `Bearer ${key}, Bearer other`],
    ['Authorization', `Bearer ${key}\tother`],
    ['X-API-Key', `${key}, other`]
  ]
  for (const headers of bad) {
    const answer = await request('/mcp', headers)
    t.equal(answer.status, 400, headers.join(' '))
    t.equal(answer.headers['www-authenticate'], `${REALM}, error="invalid_request", error_description="One credential in one header is expected"`)
    t.notMatch(answer.text, key)
  }
})

t.test('G-24: two credentials: 400 invalid_request, also when both are good', async t => {
  const { request } = await endpoint(t, { apiKeys })
  for (const other of [`Bearer ${key}`, 'Bearer other', 'Basic dTpw', 'Bearer']) {
    const { status, headers } = await request('/mcp', ['Authorization', other, 'X-API-Key', key])
    t.equal(status, 400, other)
    t.match(headers['www-authenticate'], /error="invalid_request"/)
  }
})

t.test('G-28 H-20: another scheme: 401 with the Bearer challenge; what may be a token is not repeated', async t => {
  const { request, log } = await endpoint(t, { apiKeys })
  for (const value of ['Basic dXNlcjpwYXNz', 'Digest x', 'Negotiate', 'DPoP abc', key, `${key} x`, 'Bearer:abc', `Bearer${key}`]) {
    const { status, headers, text } = await request('/mcp', ['Authorization', value])
    t.equal(status, 401, value)
    t.equal(headers['www-authenticate'], REALM)
    t.notMatch(text, key)
  }
  t.notMatch(log.join(''), key)
  t.match(log.join(''), /the scheme \\"Basic\\" is not supported/)
})

t.test('a token longer than a header block usually is goes no further', async t => {
  const { app } = await endpoint(t, { apiKeys })
  const value = `Bearer ${'x'.repeat(16_385)}`
  const head = { method: 'POST', url: '', headers: { authorization: value }, rawHeaders: ['Authorization', value], address: '' }
  t.match(await app.mcpAuth?.authenticate(head), { kind: 'refused', status: 400 })
})

t.test('G-2: an empty field beside a credential is none', async t => {
  const { key, entry } = createApiKey()
  const { request } = await endpoint(t, { apiKeys: { keys: [entry], header: 'X-API-Key' } })
  for (const empty of ['', ' ', '\t']) {
    t.equal((await request('/mcp', ['Authorization', `Bearer ${key}`, 'X-API-Key', empty])).status, 200)
    t.equal((await request('/mcp', ['X-API-Key', key, 'Authorization', empty])).status, 200)
    t.equal((await request('/mcp', ['X-API-Key', empty, 'Authorization', empty])).status, 401)
  }
  t.equal((await request('/mcp', ['Authorization', `Bearer ${key}`, 'X-API-Key', '', 'X-API-Key', key])).status, 400, 'not empty')
})
