/** Issuers change their keys, go away and come back; the endpoint runs on. The tests are one story of one issuer. */
import t from 'tap'
import { startIssuer } from './lib/issuer.ts'
import { rs256, rsaKey } from './lib/jwt.ts'
import { startResource } from './lib/resource.ts'
import { rpc } from './lib/rpc.ts'

const issuer = await startIssuer(t)
const jwt = { issuer: issuer.url, keysCooldownSeconds: 1 }
const known = await startResource(t, { jwt })
const patient = await startResource(t, { jwt: { ...jwt, keysCooldownSeconds: 60 } })
const late = await startResource(t, { jwt })

const token = (url: string, changes = {}): string => rs256(issuer.key, issuer.claims(url, changes))

t.test('G-17 a new key counts at once, the old one no more', async t => {
  const { url } = known
  const old = token(url)
  t.match(await rpc(url, old), { status: 200 })
  await new Promise(resolve => { setTimeout(resolve, 1100) }) // The cooldown: keys that show up later count at once.
  await issuer.rotate()
  t.match(await rpc(url, old), { status: 200 }, 'as long as nobody had to look again')
  t.match(await rpc(url, token(url)), { status: 200 })
  t.match(await rpc(url, old), { status: 401 }, 'also where it was verified before')
})

t.test('G-17 G-19 an issuer that is away: known keys count on, unknown ones make nobody ask again and again', async t => {
  const { url, log } = patient
  t.match(await rpc(url, token(url)), { status: 200 })
  await issuer.stop()
  t.match(await rpc(url, token(url, { jti: 'another' })), { status: 200 })
  for (let times = 0; times < 5; times++) t.match(await rpc(url, rs256(rsaKey(), issuer.claims(url))), { status: 401 })
  t.notMatch(log(), /MCP_AUTH_OUTGOING/, 'nobody asked an issuer that is not there')
})

t.test('G-19 an issuer nobody could ask yet: 503, and nobody is sent to sign in', async t => {
  const { url } = late
  t.match(await rpc(url, token(url)), { status: 503, challenge: null, retryAfter: /^\d+$/, body: { error: { code: -32603 } } })
  t.match(await rpc(url, null), { status: 401, challenge: /resource_metadata/ }, 'who shows nothing is told where to go')
  const none = Buffer.from('{"alg":"none"}').toString('base64url')
  t.match(await rpc(url, token(url).split('.').with(0, none).join('.')), { status: 401 }, 'nobody has to be asked about this')
})

t.test('G-19 an issuer that comes back is asked again', async t => {
  const { url } = late
  await issuer.start()
  let { status } = await rpc(url, token(url))
  for (const until = Date.now() + 15_000; status === 503 && Date.now() < until;) {
    await new Promise(resolve => { setTimeout(resolve, 250) })
    status = (await rpc(url, token(url))).status
  }
  t.equal(status, 200)
})
