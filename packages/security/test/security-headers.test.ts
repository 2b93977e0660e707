import Fastify from 'fastify'
import t from 'tap'
import { mcpSecurity } from '../src/index.ts'
import { alice, startApp } from './helper.ts'

const expected = {
  'content-security-policy': "default-src 'none';frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY'
}

t.test('security headers fit an endpoint and are on every reply: 200, 401, 404, 429', async t => {
  const { post } = await startApp(t, { rateLimit: { address: { max: 2 } } })
  for (const [status, reply] of [
    [200, await post(alice)], [401, await post()], [429, await post(alice)], [404, await post(alice, '/nowhere')]
  ] as const) {
    t.equal(reply.status, status)
    for (const [name, value] of Object.entries(expected)) t.equal(reply.headers.get(name), value, `${status} ${name}`)
  }
})

t.test('Strict-Transport-Security is sent over https alone, without subdomains', async t => {
  const plain = await startApp(t)
  t.equal((await plain.post({ ...alice, 'x-forwarded-proto': 'https' })).headers.get('strict-transport-security'), null, 'H-8: who says so is no proxy of ours')
  const proxied = await startApp(t, {}, { fastify: { trustProxy: '127.0.0.1' } })
  const reply = await proxied.post({ ...alice, 'x-forwarded-proto': 'https' })
  t.equal(reply.headers.get('strict-transport-security'), 'max-age=15552000')
  const own = await startApp(t, { helmet: { hsts: { maxAge: 60, preload: true } } }, { fastify: { trustProxy: '127.0.0.1' } })
  t.equal((await own.post({ ...alice, 'x-forwarded-proto': 'https' })).headers.get('strict-transport-security'),
    'max-age=60; includeSubDomains; preload')
  const off = await startApp(t, { helmet: { strictTransportSecurity: false } }, { fastify: { trustProxy: '127.0.0.1' } })
  t.equal((await off.post({ ...alice, 'x-forwarded-proto': 'https' })).headers.get('strict-transport-security'), null)
})

t.test('each header can be changed or left out, by either name helmet has for it', async t => {
  const { post } = await startApp(t, { helmet: { contentSecurityPolicy: false, frameguard: { action: 'sameorigin' }, xXssProtection: true } })
  const { headers } = await post(alice)
  t.equal(headers.get('content-security-policy'), null)
  t.equal(headers.get('x-frame-options'), 'SAMEORIGIN')
  t.equal(headers.get('x-xss-protection'), '0')
  const off = await startApp(t, { helmet: false })
  t.equal((await off.post(alice)).headers.get('x-content-type-options'), null)
})

t.test('a route that serves pages has headers of its own', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(mcpSecurity)
  const directives = { 'default-src': ["'self'"], 'frame-ancestors': ["'none'"] }
  app.get('/console', { helmet: { contentSecurityPolicy: { useDefaults: false, directives } } }, async () => 'page')
  app.get('/bare', { helmet: false }, async () => 'bare')
  const page = await app.inject('/console')
  t.equal(page.headers['content-security-policy'], "default-src 'self';frame-ancestors 'none'")
  t.equal(page.headers['x-content-type-options'], 'nosniff', 'over the defaults')
  t.equal((await app.inject('/bare')).headers['x-content-type-options'], undefined)
})

t.test('what differs from request to request is asked of helmet on each', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  let asked = 0
  const directives = { 'default-src': ["'none'", () => `'nonce-${asked++}'`] }
  await app.register(mcpSecurity, { helmet: { contentSecurityPolicy: { useDefaults: false, directives } } })
  app.get('/', async () => 'x')
  const policies = [await app.inject('/'), await app.inject('/')].map(({ headers }) => headers['content-security-policy'])
  t.strictSame(policies, ["default-src 'none' 'nonce-0'", "default-src 'none' 'nonce-1'"])
})
