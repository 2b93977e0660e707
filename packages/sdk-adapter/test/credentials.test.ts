import t from 'tap'
import type { McpServer as McpServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js'
import type { McpApplication, Principal } from '@mcp/protocol'
import { sdkApplication, type SdkAuthInfo } from '../src/index.ts'
import { sdkV1Application } from '../src/v1.ts'
import { alice, call, enveloped, exchange, open, TestExchange, text, turns, type ExchangeOptions } from './helper.ts'
import { Probe, serverV1, serverV2 } from './servers.ts'

const broad: Principal = { ...alice, scopes: ['read', 'admin'], token: 'broad' }
const narrow: Principal = { ...alice, scopes: ['read'], token: 'narrow' }

/** What a factory often does: a tool exists only for callers that may use it. */
function administers (authInfo: SdkAuthInfo | undefined): boolean {
  return authInfo?.scopes.includes('admin') === true || authInfo?.extra?.role === 'admin'
}

function v1 (probe = new Probe()): McpApplication {
  return sdkV1Application(({ authInfo }) => {
    const server: McpServerV1 = serverV1(probe)
    if (administers(authInfo)) server.registerTool('admin', {}, () => ({ content: [{ type: 'text', text: 'done' }] }))
    return server
  })
}

function v2 (reuse: 'never' | 'principal', probe = new Probe()): McpApplication {
  return sdkApplication(({ authInfo }) => {
    const server = serverV2(probe)
    if (administers(authInfo)) server.registerTool('admin', {}, () => ({ content: [{ type: 'text', text: 'done' }] }))
    return server
  }, { reuse })
}

async function runsAdmin (application: McpApplication, options: ExchangeOptions): Promise<boolean> {
  const message = options.session === undefined ? enveloped(call('admin')) : call('admin')
  const answer = await (await exchange(application, message, options)).answer()
  return 'result' in answer && answer.result.isError !== true
}

/** Principals of one subject with other rights than `broad`. */
const narrower: ReadonlyArray<readonly [string, Principal, Principal]> = [
  ['scopes', broad, narrow],
  ['claims', { ...narrow, token: 'a', claims: { role: 'admin' } }, { ...narrow, token: 'b', claims: { role: 'user' } }],
  ['no claims', { ...narrow, token: 'a', claims: { role: 'admin' } }, { kind: 'oauth', issuer: alice.issuer, subject: 'alice', clientId: 'app', scopes: [] }],
  ['scopes of the same key, changed', { ...broad, token: 'key' }, { ...narrow, token: 'key' }],
  ['frozen claims', { ...narrow, claims: Object.freeze({ role: 'admin' }) }, { ...narrow, claims: Object.freeze({ role: 'user' }) }],
  ['claims that are no JSON', { ...narrow, claims: { role: 'admin', n: 1n } }, { ...narrow, claims: { role: 'user', n: 1n } }]
]

for (const [what, before, after] of narrower) {
  t.test(`reuse 'principal': a server built for other rights serves no narrower credential (${what})`, async t => {
    const application = v2('principal')
    t.teardown(() => application.close?.())
    t.equal(await runsAdmin(application, { principal: before }), true)
    t.equal(await runsAdmin(application, { principal: after }), false)
    t.equal(await runsAdmin(application, { principal: before }), true)
  })

  for (const [name, build] of [['v1', v1], ['v2', (probe?: Probe) => v2('never', probe)]] as const) {
    t.test(`${name}: a session's server built for other rights serves no narrower credential (${what})`, async t => {
      const application = build()
      t.teardown(() => application.close?.())
      const session = await open(application)
      t.equal(await runsAdmin(application, { session, principal: before }), true)
      t.equal(await runsAdmin(application, { session, principal: after }), false)
      t.equal(await runsAdmin(application, { session, principal: before }), true)
    })
  }
}

t.test("reuse 'principal': equal rights keep their server, whatever object holds them", async t => {
  const probe = new Probe()
  const application = v2('principal', probe)
  t.teardown(() => application.close?.())
  for (let i = 0; i < 3; i++) await runsAdmin(application, { principal: structuredClone(broad) })
  t.equal(probe.built.length, 1)
  await runsAdmin(application, { principal: { ...broad, token: 'refreshed', scopes: ['admin', 'read'] } })
  t.equal(probe.built.length, 1)
})

for (const [name, build] of [['v1', v1], ['v2', (probe: Probe) => v2('never', probe)]] as const) {
  t.test(`${name}: a refreshed token of the same rights keeps the session's server`, async t => {
    const probe = new Probe()
    const application = build(probe)
    t.teardown(() => application.close?.())
    const session = await open(application)
    await runsAdmin(application, { session, principal: { ...narrow, claims: { aud: 'x', iat: 1, exp: 2, jti: 'a' } } })
    const before = probe.built.length
    await runsAdmin(application, { session, principal: { ...narrow, token: 'refreshed', expiresAt: 9, claims: { aud: 'x', iat: 3, exp: 4, jti: 'b' } } })
    t.equal(probe.built.length, before)
  })

  t.test(`${name}: what runs for the earlier credential ends as it began, and its server closes after it`, async t => {
    const probe = new Probe()
    const application = build(probe)
    t.teardown(() => application.close?.())
    const session = await open(application)
    const running = await exchange(application, call('wait', { gate: 'one' }), { session, principal: broad })
    const asking = await exchange(application, call('elicit', {}, 7), { session, principal: broad })
    const asked = await asking.asked()
    await runsAdmin(application, { session, principal: narrow })
    await turns()
    probe.seen.splice(0)
    const answer = new TestExchange({ jsonrpc: '2.0', id: asked.id, result: { action: 'decline' } }, { session, principal: broad })
    await application.accept(answer)
    t.match(text(await asking.result()), /decline/, 'its question is answered')
    probe.open('one')
    t.equal(text(await running.result()), 'one')
    await turns()
    t.strictSame(probe.seen, ['closed'])
  })
}
