import t from 'tap'
import { clock, endpoint, type Teardown, type TestEndpoint } from '../helper.ts'
import { claims, issuer, RESOURCE, token, type TestIssuer, type TestIssuerOptions } from '../issuer.ts'
import { metadataUrls } from '../../src/metadata/issuer-metadata.ts'

async function setup (t: Teardown, options?: TestIssuerOptions): Promise<TestEndpoint & { as: TestIssuer, status (): Promise<number> }> {
  const as = await issuer(t, options)
  const made = await endpoint(t, { resource: RESOURCE, jwt: { issuer: as.url }, outgoing: { allowLoopback: true } })
  return { ...made, as, status: async () => (await made.call(`Bearer ${token(claims(as.url))}`)).status }
}

t.test('G-39: the addresses of metadata in their order', async t => {
  t.strictSame(metadataUrls('https://as.example'), [
    'https://as.example/.well-known/oauth-authorization-server', 'https://as.example/.well-known/openid-configuration'
  ])
  t.strictSame(metadataUrls('https://as.example/'), metadataUrls('https://as.example'))
  t.strictSame(metadataUrls('https://as.example/realms/one'), [
    'https://as.example/.well-known/oauth-authorization-server/realms/one',
    'https://as.example/.well-known/openid-configuration/realms/one',
    'https://as.example/realms/one/.well-known/openid-configuration'
  ])
})

t.test('G-17 G-39: keys are found by the metadata of the issuer, wherever it is', async t => {
  const places: readonly TestIssuerOptions[] = [
    {}, { metadataPath: '/.well-known/openid-configuration' }, { path: '/realms/one' },
    { path: '/realms/one', metadataPath: '/.well-known/openid-configuration/realms/one' },
    { path: '/realms/one', metadataPath: '/realms/one/.well-known/openid-configuration' }
  ]
  for (const place of places) {
    const { as, status } = await setup(t, place)
    t.equal(await status(), 200, JSON.stringify(place))
    t.equal(await status(), 200)
    t.equal(as.asked.get('/jwks'), 1)
  }
})

t.test('G-17: keys that moved are found again', async t => {
  const time = clock(t)
  const { as, status } = await setup(t)
  const { jwks_uri: right } = as.metadata
  as.metadata.jwks_uri = `${as.url}/moved`
  t.equal(await status(), 503)
  as.metadata.jwks_uri = right
  time.advance(60_001)
  t.equal(await status(), 200)
})

t.test('G-19 G-40: metadata of another issuer, without keys, or none: 503', async t => {
  const time = clock(t)
  const { as, status } = await setup(t)
  const good = { ...as.metadata }
  as.metadata.issuer = `${as.url}/`
  t.equal(await status(), 503, 'the comparison is exact')
  time.advance(5001)
  as.metadata.issuer = good.issuer
  delete as.metadata.jwks_uri
  t.equal(await status(), 503)
  time.advance(3_700_000)
  as.metadata.jwks_uri = 'http://10.0.0.1/keys'
  t.equal(await status(), 503, 'where we do not go')
  time.advance(3_700_000)
  as.metadata.jwks_uri = good.jwks_uri
  as.status = 404
  t.equal(await status(), 503)
  time.advance(24 * 3_700_000)
  as.status = 200
  t.equal(await status(), 200)
})
