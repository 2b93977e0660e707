/** Opaque tokens: the authorization server is asked about each (RFC 7662). */
import t from 'tap'
import { Account } from './lib/account.ts'
import { startIssuer, type Issuer } from './lib/issuer.ts'
import { startResource } from './lib/resource.ts'
import { rpc } from './lib/rpc.ts'
import { VISITORS } from './lib/visitors.ts'
import type { IntrospectionOptions } from '@mcp/auth'

const introspection = (issuer: Issuer): IntrospectionOptions => ({
  url: `${issuer.url}/token/introspection`, issuer: issuer.url, clientId: 'resource-server', clientSecret: 'word', cacheSeconds: 1
})

t.test('G-16 official clients with opaque tokens', async t => {
  const issuer = await startIssuer(t, { accessTokenFormat: 'opaque' })
  const { url, log } = await startResource(t, { introspection: introspection(issuer) })
  for (const kind of VISITORS) {
    const account = new Account({ login: 'carol', refreshes: kind.sdk === 2 })
    const visitor = await kind.visit(t, url, account)
    t.notMatch(account.accessToken, /\./, 'an opaque token')
    t.match(JSON.parse(await visitor.call('whoami')), { scopes: ['mcp:read'], extra: { sub: 'carol' } }, kind.name)
    t.equal(await visitor.call('write'), 'written', 'step-up')
    t.notOk(log().includes(account.accessToken))
  }
  t.notOk(log().includes('word'), 'our own secret')
})

t.test('G-19 G-21 revoked tokens end with the cache, an issuer that is away is 503', async t => {
  const issuer = await startIssuer(t, { accessTokenFormat: 'opaque' })
  const { url } = await startResource(t, { introspection: introspection(issuer) })
  const account = new Account()
  await VISITORS[1].visit(t, url, account)
  t.match(await rpc(url, account.accessToken), { status: 200 })
  t.match(await rpc(url, 'a-token-nobody-made'), { status: 401 })

  await fetch(`${issuer.url}/token/revocation`, {
    method: 'POST', body: new URLSearchParams({ token: account.accessToken, client_id: account.client?.client_id ?? '' })
  })
  await new Promise(resolve => { setTimeout(resolve, 1100) }) // As long as an answer is kept.
  t.match(await rpc(url, account.accessToken), { status: 401, challenge: /invalid_token/ })

  await issuer.stop()
  t.match(await rpc(url, 'another-token'), { status: 503, challenge: null })
})
