import Fastify from 'fastify'
import t from 'tap'
import { createApiKey, mcpAuth, type Authorize, type Verdict } from '../../src/index.ts'
import { addEndpoint, callerOf, endpoint, person, started } from '../helper.ts'
import { claims, issuer, RESOURCE, token } from '../issuer.ts'

const call = (name: string) => ({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name } })

t.test('G-8 G-20: asked about every message with the principal of that request: 403 before anything runs', async t => {
  const as = await issuer(t)
  const authorize: Authorize = (principal, { method, params }) => {
    if (method !== 'tools/call') return true
    return params?.name === 'own' ? principal.subject === 'alice' : params?.name === 'rooms' ? ['rooms', 'read'] : true
  }
  const endpointOf = await endpoint(t, {
    resource: RESOURCE, jwt: { issuer: as.url, jwksUrl: as.jwksUrl }, authorize, outgoing: { allowLoopback: true }
  })
  const status = async (name: string, changes: Record<string, unknown> = {}) => endpointOf.call(`Bearer ${token(claims(as.url, changes))}`, call(name))
  t.equal((await status('own')).status, 200)
  const forbidden = await status('own', { sub: 'bob' })
  t.equal(forbidden.status, 403)
  t.equal(forbidden.headers['www-authenticate'], undefined, 'no scope would help')
  const lacking = await status('rooms')
  t.equal(lacking.status, 403)
  t.equal(lacking.headers['www-authenticate'],
    'Bearer resource_metadata="https://mcp.example.com/.well-known/oauth-protected-resource/mcp", scope="rooms read", error="insufficient_scope", error_description="The operation needs more scopes"')
  t.equal((await status('rooms', { scope: 'read rooms' })).status, 200, 'after the step-up')
})

t.test('G-8: a function adds to the rules, and may answer later', async t => {
  const { app } = await endpoint(t, { custom: () => null, rules: [{ tool: 'x', scopes: ['a'] }], authorize: async () => ['b'] })
  const [gate] = app.mcpGates ?? []
  const refusal = await gate?.judge({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'x' } }, callerOf(person(['a'])))
  t.match(refusal?.headers?.['www-authenticate'], 'scope="a b"')
})

t.test('G-19: a function that fails or answers nonsense is a fault, not a permission', async t => {
  const { key, entry } = createApiKey()
  const functions: readonly Authorize[] = [
    () => { throw new Error('a bug') }, () => Promise.reject(new Error('a bug')), () => undefined as unknown as Verdict,
    async () => 'yes' as unknown as Verdict, () => [7] as unknown as Verdict, () => ['a"b']
  ]
  for (const authorize of functions) {
    const { call: post } = await endpoint(t, { apiKeys: { keys: [entry] }, authorize })
    t.equal((await post(`Bearer ${key}`)).status, 500)
  }
})

t.test('a gate belongs to its scope: a child has those of its parents too, a sibling never', async t => {
  const { key, entry } = createApiKey()
  const app = Fastify()
  t.teardown(() => app.close())
  const apiKeys = { keys: [entry] }
  await app.register(mcpAuth, { apiKeys, rules: [{ tool: 'admin', scopes: ['admin'] }] })
  await app.register(async scope => {
    await scope.register(mcpAuth, { apiKeys, authorize: () => false })
    addEndpoint(scope, '/closed')
  })
  await app.register(async scope => addEndpoint(scope, '/open'))
  const { request } = await started(app)
  const headers = ['Authorization', `Bearer ${key}`, 'Content-Type', 'application/json']
  const status = async (path: string, tool = 'x') => (await request(path, headers, 'POST', JSON.stringify(call(tool)))).status
  t.equal(await status('/closed'), 403)
  t.equal(await status('/open'), 200)
  t.equal(await status('/open', 'admin'), 403)
  t.match((await request('/closed', headers, 'POST', JSON.stringify(call('admin')))).headers['www-authenticate'], /scope="admin"/)
})

t.test('there is no gate where nothing was asked for', async t => {
  const { app } = await endpoint(t, { custom: () => null })
  t.equal(app.mcpGates, undefined)
})
