/** Tokens end, sessions go on. */
import t from 'tap'
import { Account } from './lib/account.ts'
import { startIssuer } from './lib/issuer.ts'
import { claimsOf } from './lib/jwt.ts'
import { startResource } from './lib/resource.ts'
import { VISITORS } from './lib/visitors.ts'

/** Longer than it takes to connect and call, on a slow machine. */
const TTL_S = 3

const issuer = await startIssuer(t, { accessTokenTtl: TTL_S })
const resource = await startResource(t, { jwt: { issuer: issuer.url, clockSkewSeconds: 0 } })

async function untilExpired (account: Account): Promise<void> {
  const { exp } = claimsOf(account.accessToken)
  await new Promise(resolve => { setTimeout(resolve, Number(exp) * 1000 - Date.now() + 10) })
}

t.test('D-15 G-4 an expired token is refreshed, and the session stays', { jobs: VISITORS.length }, async t => {
  for (const kind of VISITORS) {
    t.test(kind.name, async t => {
      const account = new Account()
      const visitor = await kind.visit(t, resource.url, account)
      t.equal(await visitor.call('read'), 'read')
      const { sessionId } = visitor
      const before = account.accessToken
      const asked = account.authorizations.length
      await untilExpired(account)
      t.equal(await visitor.call('read'), 'read')
      t.not(account.accessToken, before)
      t.equal(visitor.sessionId, sessionId)
      t.equal(account.authorizations.length, asked, 'nobody was asked')
      const expired = visitor.visits.to('/mcp').filter(({ status }) => status === 401).at(-1)
      t.match(expired?.headers.get('www-authenticate'), /error="invalid_token"/)
      t.match(visitor.visits.to('/token').at(-1)?.body, /grant_type=refresh_token.*resource=/)
    })
  }
})

t.test('G-4 without a refresh token the person is asked again, and the session stays', { jobs: VISITORS.length }, async t => {
  for (const kind of VISITORS) {
    t.test(kind.name, async t => {
      const account = new Account({ refreshes: false })
      const visitor = await kind.visit(t, resource.url, account)
      const { sessionId } = visitor
      const asked = account.authorizations.length
      await untilExpired(account)
      t.equal(await visitor.call('read'), 'read')
      t.equal(account.authorizations.length, asked + 1)
      t.equal(visitor.sessionId, sessionId)
    })
  }
})
