import fc from 'fast-check'
import t from 'tap'
import { principalKey, type Principal } from '../src/index.ts'

const ANN: Principal = { kind: 'jwt', issuer: 'https://id.example', subject: 'ann', clientId: 'app', scopes: ['read'] }

t.test('D-15: what a refreshed token changes does not change the key', async t => {
  const refreshed: Principal = { ...ANN, scopes: [], expiresAt: 1, token: 'secret', claims: { a: 1 } }
  t.equal(principalKey(refreshed), principalKey(ANN))
  t.notMatch(principalKey(refreshed), 'secret')
})

t.test('D-14: another kind, issuer, subject or client is another principal', async t => {
  const others: Principal[] = [{ ...ANN, kind: 'key' }, { ...ANN, issuer: 'x' }, { ...ANN, subject: 'x' }, { ...ANN, clientId: 'x' }]
  const { clientId: _, ...anonymousClient } = ANN
  const keys = [ANN, anonymousClient, ...others].map(principalKey)
  t.equal(new Set(keys).size, keys.length)
})

t.test('D-16: an anonymous caller is like no named one', async t => {
  t.equal(principalKey(null), '')
  t.not(principalKey({ kind: '', issuer: '', subject: '', scopes: [] }), '')
})

t.test('D-14: no part of a key can imitate another', async t => {
  const part = fc.oneof(fc.constantFrom('', '"', ',', '","', '\\', '\\"', 'null', '[]'), fc.string())
  const parts = fc.tuple(part, part, part, fc.option(part, { nil: undefined }))
  const principal = ([kind, issuer, subject, clientId]: [string, string, string, string | undefined]): Principal =>
    clientId === undefined ? { kind, issuer, subject, scopes: [] } : { kind, issuer, subject, clientId, scopes: [] }
  fc.assert(fc.property(parts, parts, (one, other) => {
    const same = one.every((value, index) => value === other[index])
    return (principalKey(principal(one)) === principalKey(principal(other))) === same
  }), { numRuns: 2000, seed: 14 })
  t.pass('injective')
})
