/** Functions that users give to `@mcp/auth`, `@mcp/security` and the endpoint: what they throw ends nothing and tells clients nothing. */
import { createApiKey, mcpAuth, type McpAuthOptions } from '@mcp/auth'
import { mcpSecurity, type McpSecurityOptions } from '@mcp/security'
import { mcpStreamable, type McpStreamableOptions } from '@mcp/streamable-core'
import Fastify from 'fastify'
import t, { type Test } from 'tap'

const SECRET = 'postgres://user:hush@db'
const { key, entry } = createApiKey()
const alice = { issuer: 'test', subject: 'alice', scopes: [] }

interface Options { auth?: McpAuthOptions, security?: McpSecurityOptions, endpoint?: Partial<McpStreamableOptions> }

/** The status of a ping; the answer never holds what a function threw. */
async function ping (t: Test, { auth, security, endpoint }: Options, headers: Record<string, string> = {}): Promise<number> {
  const app = Fastify()
  t.teardown(() => app.close())
  if (security !== undefined) await app.register(mcpSecurity, security)
  if (auth !== undefined) await app.register(mcpAuth, auth)
  await app.register(mcpStreamable, { application: () => ({}), sessions: false, ...endpoint })
  const payload = { jsonrpc: '2.0', id: 1, method: 'ping' }
  const reply = await app.inject({ method: 'POST', url: '/mcp', headers: { authorization: `Bearer ${key}`, ...headers }, payload })
  t.notMatch(reply.body + JSON.stringify(reply.headers), 'hush')
  return reply.statusCode
}

const errors = [new Error(SECRET), Object.assign(new Error(SECRET), { statusCode: 404 }), Object.assign(new Error(SECRET), { statusCode: 422, code: 'X' }), SECRET, null, undefined]
const throwing = errors.map(error => () => { throw error })
const rejecting = errors.map(error => () => Promise.reject(error))

t.test('G-19: custom, find, fromRequest, authorize: 500 without detail, whatever status the error has', async t => {
  for (const fails of [...throwing, ...rejecting]) {
    t.equal(await ping(t, { auth: { custom: fails } }), 500)
    t.equal(await ping(t, { auth: { fromRequest: fails } }), 500)
    t.equal(await ping(t, { auth: { apiKeys: { find: fails } } }), 500)
    t.equal(await ping(t, { auth: { custom: () => alice, authorize: fails } }), 500)
  }
})

t.test('promises of other libraries are promises', async t => {
  const later = <T>(value: T): Promise<T> => {
    const thenable: unknown = { then: (resolve: (value: T) => void) => { setImmediate(resolve, value) } }
    return thenable as Promise<T>
  }
  t.equal(await ping(t, { auth: { custom: () => later(alice) } }), 200)
  t.equal(await ping(t, { auth: { custom: () => later(null) } }), 401)
  t.equal(await ping(t, { auth: { apiKeys: { find: () => later(entry) } } }), 200)
  t.equal(await ping(t, { auth: { custom: () => alice, authorize: () => later(false) } }), 403)
})

t.test('H-3, H-4: predicates that throw, reject or answer later let nobody in', async t => {
  const later = [async () => true, ...rejecting, ...throwing] as unknown as Array<() => boolean>
  for (const predicate of later) {
    t.equal(await ping(t, { endpoint: { allowedHosts: predicate } }), 403)
    t.equal(await ping(t, { endpoint: { allowedOrigins: predicate } }, { origin: 'https://app.example' }), 403)
    t.equal(await ping(t, { security: { cors: { allowedOrigins: predicate } } }, { origin: 'https://app.example' }), 403)
  }
  for (const accepts of [async () => true, ...rejecting] as unknown as Array<() => boolean>) {
    t.equal(await ping(t, { auth: { custom: { authenticate: () => alice, accepts }, apiKeys: { keys: [entry] } } }), 200, 'the key is asked')
  }
})
