/** What is no access token for this resource is worth nothing, whoever made it; and it is never a 500. */
import t from 'tap'
import { rpc } from './lib/rpc.ts'
import { startIssuer } from './lib/issuer.ts'
import { hs256, rs256, rsaKey, signingInput, unsigned } from './lib/jwt.ts'
import { startResource } from './lib/resource.ts'

const issuer = await startIssuer(t)
const { url, log } = await startResource(t, { jwt: { issuer: issuer.url, clockSkewSeconds: 5 } })
const { key } = issuer
const now = Math.floor(Date.now() / 1000)
const claims = (changes: Record<string, unknown> = {}): Record<string, unknown> => issuer.claims(url, changes)
const foreign = rsaKey()
const publicPem = key.publicKey.export({ type: 'spki', format: 'pem' }).toString()
const { d, p, q, dp, dq, qi, ...publicJwk } = key.jwk

t.test('a token as it should be', async t => {
  t.match(await rpc(url, rs256(key, claims())), { status: 200 })
  t.match(await rpc(url, rs256(key, claims({ aud: ['https://other.example', url] }))), { status: 200 }, 'one audience of several')
  t.match(await rpc(url, rs256(key, claims({ nbf: now + 3, exp: now + 30 }))), { status: 200 }, 'clocks differ a little')
})

const [header = '', payload = '', signature = ''] = rs256(key, claims()).split('.')

const worthless: Record<string, string> = {
  'G-16 for another resource': rs256(key, claims({ aud: 'https://other.example/mcp' })),
  'G-16 for the origin alone': rs256(key, claims({ aud: new URL(url).origin })),
  'G-16 for a resource below': rs256(key, claims({ aud: `${url}/deeper` })),
  'G-16 for nobody': rs256(key, claims({ aud: undefined })),
  'G-16 from another issuer, by its own key': rs256(foreign, claims({ iss: 'https://issuer.example' })),
  'G-16 from another issuer, by our key': rs256(key, claims({ iss: 'https://issuer.example' })),
  'G-16 from the issuer with a slash': rs256(key, claims({ iss: `${issuer.url}/` })),
  'G-16 from nobody': rs256(key, claims({ iss: undefined })),
  'G-17 by another key under the same name': rs256(foreign, claims(), { kid: key.kid }),
  'G-17 by another key under its own name': rs256(foreign, claims()),
  'G-17 by a key it brings along': rs256(foreign, claims(), { jwk: foreign.publicKey.export({ format: 'jwk' }) }),
  'G-17 by a key it says where to find': rs256(foreign, claims(), { jku: 'http://127.0.0.1:1/jwks', x5u: 'http://127.0.0.1:1/x' }),
  'G-17 alg none': unsigned(claims()),
  'G-17 alg NONE': unsigned(claims(), 'NONE'),
  'G-17 alg none, with a signature': `${unsigned(claims())}${signature}`,
  'G-17 HS256 with the public key as PEM': hs256(key, claims(), publicPem),
  'G-17 HS256 with the public key as DER': hs256(key, claims(), key.publicKey.export({ type: 'spki', format: 'der' })),
  'G-17 HS256 with the public key as JWK': hs256(key, claims(), JSON.stringify(publicJwk)),
  'G-17 HS256 with an empty secret': hs256(key, claims(), ''),
  'G-17 an algorithm nobody knows': `${signingInput({ alg: 'RS257', typ: 'at+jwt', kid: key.kid }, claims())}.${signature}`,
  'G-17 a critical extension nobody knows': rs256(key, claims(), { crit: ['b64'], b64: true }),
  'G-17 without exp': rs256(key, claims({ exp: undefined })),
  'G-17 exp is text': rs256(key, claims({ exp: String(now + 60) })),
  'G-4 expired': rs256(key, claims({ exp: now - 10 })),
  'G-16 not valid yet': rs256(key, claims({ nbf: now + 60 })),
  'G-17 an ID token for the client': rs256(key, { ...claims({ aud: 'app', scope: undefined, nonce: 'n' }) }, { typ: 'JWT' }),
  'G-17 an ID token that names us too': rs256(key, claims({ aud: ['app', url], at_hash: 'x', nonce: 'n' }), { typ: 'JWT' }),
  'G-17 a logout token': rs256(key, claims({ events: {} }), { typ: 'logout+jwt' }),
  'G-17 a token bound to a key of its holder': rs256(key, claims({ cnf: { jkt: 'x' } })),
  'without anybody': rs256(key, claims({ sub: undefined, client_id: undefined })),
  'another payload under the signature': `${header}.${signingInput({}, claims({ sub: 'root' })).split('.')[1]}.${signature}`,
  'without its signature': `${header}.${payload}.`,
  'a signature cut short': `${header}.${payload}.${signature.slice(0, -20)}`,
  'no JWT': 'abc',
  'dots alone': '..',
  'JSON that is no object': `${Buffer.from('"a"').toString('base64url')}.${Buffer.from('[]').toString('base64url')}.x`,
  'a prototype in the header': `${Buffer.from('{"__proto__":{"alg":"none"},"alg":"RS256"}').toString('base64url')}.${payload}.${signature}`,
  'five parts (JWE)': 'a.b.c.d.e'
}

for (const [name, token] of Object.entries(worthless)) {
  t.test(`${name}: 401`, async t => {
    const { status, challenge, body } = await rpc(url, token)
    t.equal(status, 401)
    t.match(challenge, /^Bearer resource_metadata="[^"]+", scope="mcp:read", error="invalid_token"/)
    t.match(body, { jsonrpc: '2.0', error: { code: Number } })
    t.notOk(body.result)
  })
}

t.test('G-22 H-20 of none of them the log holds more than a few claims', async t => {
  t.match(log(), /"rung":"token"/)
  for (const token of Object.values(worthless)) {
    for (const part of token.split('.').filter(part => part.length > 60)) t.notOk(log().includes(part))
  }
})

t.test('G-18 H-19 a token of the same issuer for another endpoint', async t => {
  const other = await startResource(t, { jwt: { issuer: issuer.url } })
  const token = rs256(key, issuer.claims(other.url))
  t.match(await rpc(other.url, token), { status: 200 })
  t.match(await rpc(url, token), { status: 401 })
})
