/** Official clients, unaided: from a URL and a person before a browser to an answer. */
import t from 'tap'
import { Account } from './lib/account.ts'
import { startIssuer } from './lib/issuer.ts'
import { claimsOf } from './lib/jwt.ts'
import { startResource } from './lib/resource.ts'
import { v1, VISITORS } from './lib/visitors.ts'

const issuer = await startIssuer(t)
const resource = await startResource(t, { jwt: { issuer: issuer.url } })

for (const kind of VISITORS) {
  t.test(`G-2 G-5 G-7 G-11 G-12 G-13 discovery, registration, PKCE, token, call (${kind.name})`, async t => {
    const account = new Account()
    const visitor = await kind.visit(t, resource.url, account)
    t.equal(await visitor.call('read'), 'read')

    const { visits } = visitor
    const lines = visits.lines.filter((line, index, all) => all.indexOf(line) === index)
    t.strictSame(lines.slice(0, 5), [
      'POST /mcp 401', 'GET /.well-known/oauth-protected-resource/mcp 200', 'GET /.well-known/oauth-authorization-server 200', 'POST /reg 201',
      'POST /token 200'
    ], 'nothing was guessed, nothing was asked twice')
    t.equal(visits.all[0]?.headers.get('www-authenticate'),
      `Bearer resource_metadata="${new URL(resource.url).origin}/.well-known/oauth-protected-resource/mcp", scope="mcp:read"`)

    const [authorization] = account.authorizations
    t.match(Object.fromEntries(authorization?.searchParams ?? []), {
      response_type: 'code', code_challenge_method: 'S256', resource: resource.url, scope: /^mcp:read( offline_access)?$/
    })
    const exchange = new URLSearchParams(visits.to('/token')[0]?.body)
    t.match(Object.fromEntries(exchange), { grant_type: 'authorization_code', resource: resource.url, code_verifier: /.{43}/ })
    t.match(claimsOf(account.accessToken), { iss: issuer.url, aud: resource.url, scope: 'mcp:read' })

    t.strictSame(visits.to('/mcp').filter(({ status }) => status >= 400).length, 1, 'one refusal led to all of it')
    t.ok(visits.to('/mcp').slice(1).every(({ authorization }) => authorization === `Bearer ${account.accessToken}`), 'every request carries the token')
  })

  t.test(`G-26 the server of the user knows who calls (${kind.name})`, async t => {
    const account = new Account({ login: 'bob' })
    const visitor = await kind.visit(t, resource.url, account)
    const { clientId, scopes, expiresAt, extra } = JSON.parse(await visitor.call('whoami'))
    t.match({ clientId, scopes, extra }, { clientId: account.client?.client_id, scopes: ['mcp:read'], extra: { sub: 'bob', iss: issuer.url } })
    t.equal(expiresAt, claimsOf(account.accessToken).exp)
  })

  // With a refresh token, clients of the first generation refresh instead, which brings the scopes they have, and give up.
  t.test(`G-8 a tool that needs more: step-up, in the same session (${kind.name})`, async t => {
    const account = new Account({ refreshes: kind.sdk === 2 })
    const visitor = await kind.visit(t, resource.url, account)
    const { sessionId } = visitor
    t.equal(sessionId !== undefined, kind.era === 'legacy')
    t.equal(await visitor.call('write'), 'written')

    const refused = visitor.visits.to('/mcp').filter(({ status }) => status === 403)
    t.equal(refused.length, 1)
    t.match(refused[0]?.headers.get('www-authenticate'), /^Bearer .*scope="mcp:read mcp:write", error="insufficient_scope"/)
    t.equal(account.authorizations.length, 2)
    t.match(account.authorizations[1]?.searchParams.get('scope'), /^mcp:read mcp:write( offline_access)?$/)
    t.equal(claimsOf(account.accessToken).scope, 'mcp:read mcp:write')
    t.equal(visitor.sessionId, sessionId)
    t.equal(await visitor.call('read'), 'read')
  })
}

t.test('client quirk sdk 1.x: with a refresh token it does not step up; it has to be told all scopes at first', async t => {
  const visitor = await v1.visit(t, resource.url, new Account())
  await t.rejects(visitor.call('write'), /403 after trying upscoping/)
  t.match(visitor.visits.to('/token').at(-1)?.body, /grant_type=refresh_token/)

  const scopes = ['mcp:read', 'mcp:write']
  const generous = await startResource(t, { jwt: { issuer: issuer.url }, scopes: { supported: scopes, challenge: scopes } })
  const account = new Account()
  t.equal(await (await v1.visit(t, generous.url, account)).call('write'), 'written')
  t.equal(account.authorizations.length, 1)
})

t.test('G-36 H-15 a client that is a document, where the issuer reads such', async t => {
  const clientMetadataUrl = 'https://client.example/mcp.json'
  const account = new Account({ clientMetadataUrl })
  const documents = { [clientMetadataUrl]: { ...account.clientMetadata, client_id: clientMetadataUrl, application_type: 'native' } }
  const issuer = await startIssuer(t, { documents })
  const resource = await startResource(t, { jwt: { issuer: issuer.url } })
  for (const kind of VISITORS) {
    const account = new Account({ clientMetadataUrl })
    const visitor = await kind.visit(t, resource.url, account)
    t.match(JSON.parse(await visitor.call('whoami')), { clientId: clientMetadataUrl }, kind.name)
    t.strictSame(visitor.visits.to('/reg'), [], 'nothing was registered')
  }
})

t.test('G-22 H-20 no token and no code is in the log, at trace', async t => {
  const account = new Account()
  const visitor = await VISITORS[0].visit(t, resource.url, account)
  await visitor.call('read')
  t.match(resource.log(), /session opened/)
  for (const part of account.accessToken.split('.')) t.notOk(resource.log().includes(part.slice(0, 40)))
  t.notOk(resource.log().includes(String(visitor.sessionId)))
})
