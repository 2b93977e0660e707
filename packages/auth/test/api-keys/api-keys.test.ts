import t from 'tap'
import { createApiKey, hashApiKey, MCP_AUTH_UNAVAILABLE, type ApiKey } from '../../src/index.ts'
import { FunctionKeyRing, MemoryKeyRing } from '../../src/api-keys/key-ring.ts'
import { keptKey } from '../../src/api-keys/kept-key.ts'
import { clock, endpoint } from '../helper.ts'

t.test('G-23: a new key cannot be guessed, and what is kept of it does not give it away', async t => {
  const { key, entry } = createApiKey({ label: 'ci', scopes: ['read'], expiresAt: '2030-01-01T00:00:00Z' })
  t.match(key, /^mcp_[\w-]{43}$/)
  t.match(entry, { id: /^[0-9a-f]{12}$/, hash: /^[0-9a-f]{64}$/, label: 'ci', scopes: ['read'], expiresAt: '2030-01-01T00:00:00Z' })
  t.notMatch(JSON.stringify(entry), key)
  t.equal(entry.hash, hashApiKey(key))
  t.match(createApiKey({ id: 'x', prefix: 'acme_' }), { key: /^acme_/, entry: { id: 'x' } })
  t.not(createApiKey().key, createApiKey().key)
})

t.test('G-26: the principal of a key', async t => {
  const { key, entry } = createApiKey({ id: 'ci', label: 'build server', scopes: ['read'], expiresAt: 4_000_000_000 })
  const { call } = await endpoint(t, { apiKeys: { keys: [entry], name: 'main' } })
  t.strictSame((await call(`Bearer ${key}`)).json, {
    kind: 'api-key', issuer: 'main', subject: 'ci', scopes: ['read'], expiresAt: 4_000_000_000, claims: { label: 'build server' }, token: key
  })
})

t.test('G-4: unknown, expired, nearly right: 401', async t => {
  const time = clock(t)
  const soon = createApiKey({ expiresAt: new Date(Date.now() + 1000).toISOString() })
  const { key, entry } = createApiKey()
  const { call } = await endpoint(t, { apiKeys: { keys: [entry, soon.entry] } })
  t.equal((await call(`Bearer ${soon.key}`)).status, 200)
  time.advance(1001)
  const expired = await call(`Bearer ${soon.key}`)
  t.equal(expired.status, 401)
  t.match(expired.json.message, /the API key has expired/)
  for (const wrong of [key.slice(0, -1), `${key}A`, key.toUpperCase(), entry.hash, entry.id, 'mcp_']) {
    const { status, json } = await call(`Bearer ${wrong}`)
    t.equal(status, 401)
    t.match(json.message, /the API key is unknown/)
  }
})

t.test('G-23: keys are compared by the whole digest, where its beginning is the same too', async t => {
  const { key, entry } = createApiKey({ id: 'right' })
  for (const place of [8, 35, 63]) {
    const digit = entry.hash[place] === '0' ? '1' : '0'
    const near = { id: `near ${place}`, hash: entry.hash.slice(0, place) + digit + entry.hash.slice(place + 1) }
    t.equal(new MemoryKeyRing([keptKey(near, 'ring')]).find(key), null)
    t.match(new MemoryKeyRing([near, entry].map(one => keptKey(one, 'ring'))).find(key), { subject: 'right' })
    t.equal(await new FunctionKeyRing(() => near, 'ring').find(key), null)
  }
})

t.test('a key of the array answers with a value, not a promise', async t => {
  const { key, entry } = createApiKey()
  const { app } = await endpoint(t, { apiKeys: { keys: [entry] } })
  const value = `Bearer ${key}`
  const head = { method: 'POST', url: '', headers: { authorization: value }, rawHeaders: ['Authorization', value], address: '' }
  t.match(app.mcpAuth?.authenticate(head), { kind: 'principal' })
})

t.test('keys of one\'s own making, without a prefix', async t => {
  const { call } = await endpoint(t, { apiKeys: { keys: [{ id: 'old', hash: hashApiKey('a.key/of+theirs=') }] } })
  t.equal((await call('Bearer a.key/of+theirs=')).status, 200)
})

t.test('two keys of one id: the old one and its successor are the same caller', async t => {
  const [old, young] = [createApiKey({ id: 'ci' }), createApiKey({ id: 'ci' })]
  const { call } = await endpoint(t, { apiKeys: { keys: [old.entry, young.entry] } })
  for (const { key } of [old, young]) t.match((await call(`Bearer ${key}`)).json, { subject: 'ci' })
})

t.test('G-22 G-23: a function gets the hash and never the key; what it finds is compared again', async t => {
  const [good, other] = [createApiKey({ id: 'good' }), createApiKey({ id: 'other' })]
  const asked: string[] = []
  for (const later of [false, true]) {
    const find = (hash: string): ApiKey | null => {
      asked.push(hash)
      return hash === good.entry.hash ? good.entry : hash === other.entry.hash ? good.entry : null
    }
    const { call } = await endpoint(t, { apiKeys: { find: later ? async hash => find(hash) : find } })
    t.match((await call(`Bearer ${good.key}`)).json, { subject: 'good' })
    t.equal((await call(`Bearer ${other.key}`)).status, 401, 'it found somebody else')
    t.equal((await call('Bearer mcp_nobody')).status, 401)
  }
  t.match(asked, [good.entry.hash, other.entry.hash, hashApiKey('mcp_nobody')])
})

t.test('G-19: a function that cannot tell: 503; one that is broken: 500', async t => {
  const entry = { id: '', hash: 'short' }
  const status = async (find: (hash: string) => Promise<ApiKey | null>): Promise<number> =>
    (await (await endpoint(t, { apiKeys: { find } })).call('Bearer mcp_x')).status
  t.equal(await status(() => Promise.reject(new MCP_AUTH_UNAVAILABLE('no database'))), 503)
  t.equal(await status(() => Promise.reject(new Error('a bug'))), 500)
  t.equal(await status(async () => entry), 500)
})
