import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Refusal } from '@mcp/protocol'
import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import { mcpSecurity } from '../src/index.ts'
import { alice, bob, startApp, statuses, until } from './helper.ts'

const ANYBODY = { authorization: 'Bearer anybody' }

t.test('H-11 too many requests of an address get 429 before authentication, with Retry-After and a JSON-RPC error, and are logged', async t => {
  const { post, logs } = await startApp(t, { rateLimit: { address: { max: 3, timeWindow: '1 minute' } } })
  t.strictSame(await statuses(3, () => post()), [401, 401, 401])
  const refused = await post()
  t.equal(refused.status, 429)
  t.match(refused.headers.get('content-type'), /^application\/json/)
  t.equal(refused.headers.get('cache-control'), 'no-store')
  const seconds = Number(refused.headers.get('retry-after'))
  t.ok(seconds > 55 && seconds <= 60, 'what is left of the window')
  const message = `Too many requests from this address: 3 within 60 s are allowed; try again in ${seconds} s`
  t.strictSame(await refused.json(), { jsonrpc: '2.0', error: { code: -32600, message } })
  t.match(logs.filter(({ rung }) => rung !== undefined), [{ level: 30, rung: 'rate-limit', status: 429, reason: message }])
  t.strictSame(await statuses(1, () => post(alice)), [429], 'whoever it says it is')
})

t.test('H-11 counting starts anew when the window is over', async t => {
  const { post } = await startApp(t, { rateLimit: { address: { max: 1, timeWindow: 300 } } })
  t.equal((await post(alice)).status, 200)
  const refused = await post(alice)
  t.equal(refused.status, 429)
  t.equal(refused.headers.get('retry-after'), '1')
  for (;;) if ((await post(alice)).status === 200) break
})

t.test('H-11 after authentication principals count for themselves, wherever they call from', async t => {
  const { post } = await startApp(t, { rateLimit: { principal: { max: 2 } } })
  t.strictSame(await statuses(3, () => post(alice)), [200, 200, 429])
  t.strictSame(await statuses(3, () => post(bob)), [200, 200, 429])
  t.strictSame(await statuses(5, () => post(ANYBODY)), [200, 200, 200, 200, 200], 'without a principal the address is what counts')
  const refused = await post(alice)
  t.match(await refused.text(), /"Too many requests of this caller: 2 within 60 s are allowed; try again in \d+ s"/)
})

t.test('H-11 a failed authentication is no request of the principal', async t => {
  const { post } = await startApp(t, { rateLimit: { principal: { max: 1 } } })
  t.strictSame(await statuses(3, () => post()), [401, 401, 401])
  t.equal((await post(alice)).status, 200)
})

t.test('H-11 endpoints alone are limited; preflights and other routes are not', async t => {
  const { post, preflight } = await startApp(t, { rateLimit: { address: { max: 1 } } })
  t.strictSame(await statuses(2, () => post(alice)), [200, 429])
  t.strictSame(await statuses(3, () => post({}, '/elsewhere')), [200, 200, 200])
  t.strictSame(await statuses(3, () => preflight({ origin: 'http://localhost:1' })), [204, 204, 204])
})

t.test('H-8 the address is what a trusted proxy says, and nobody else', async t => {
  const rateLimit = { address: { max: 1 } }
  const proxied = await startApp(t, { rateLimit }, { fastify: { trustProxy: '127.0.0.1' } })
  const from = (address: string) => ({ ...alice, 'x-forwarded-for': address })
  t.strictSame(await statuses(2, () => proxied.post(from('192.0.2.1'))), [200, 429])
  t.equal((await proxied.post(from('192.0.2.2'))).status, 200)
  t.equal((await proxied.post(from('2001:db8:0:1::1'))).status, 200)
  t.equal((await proxied.post(from('2001:db8:0:1:ffff::2'))).status, 429, 'whoever has one IPv6 address usually has its network')
  t.equal((await proxied.post(from('2001:db8:0:2::1'))).status, 200)

  const direct = await startApp(t, { rateLimit })
  t.equal((await direct.post(from('192.0.2.1'))).status, 200)
  t.equal((await direct.post(from('192.0.2.2'))).status, 429)
})

t.test('H-11 addresses on the allow list are not counted', async t => {
  const { post } = await startApp(t, { rateLimit: { address: { max: 1, allowList: ['127.0.0.1', '::1'] } } })
  t.strictSame(await statuses(3, () => post(alice)), [200, 200, 200])
})

t.test('H-11 limits can be switched off, each and all', async t => {
  const address = await startApp(t, { rateLimit: { address: false, principal: { max: 1 } } })
  t.strictSame(await statuses(2, () => address.post(ANYBODY)), [200, 200])
  t.strictSame(await statuses(2, () => address.post(alice)), [200, 429])
  const both = await startApp(t, { rateLimit: false })
  t.strictSame(await statuses(700, () => both.post(alice)).then(all => new Set(all)), new Set([200]))
})

t.test('other routes of the scope have limits by @fastify/rate-limit when they ask for them', async t => {
  const { origin } = await startApp(t, {}, {
    prepare: app => {
      app.get('/page', { config: { rateLimit: { max: 2, timeWindow: '1 minute' } } }, async () => 'page')
      app.get('/other', { config: { rateLimit: { max: 1, timeWindow: '1 minute' } } }, async () => 'other')
    }
  })
  t.strictSame(await statuses(3, () => fetch(origin + '/page')), [200, 200, 429])
  t.strictSame(await statuses(2, () => fetch(origin + '/other')), [200, 429], 'counted apart')
})

t.test('callers over a Unix socket have no address and count together', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(mcpSecurity, { rateLimit: { address: { max: 2 } } })
  app.get('/mcp', { config: { mcp: true } }, async () => 'ok')
  // Paths of sockets are short.
  const folder = await mkdtemp(join(tmpdir(), 'mcp-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const path = join(folder, 'sock')
  await app.listen({ path })
  const ask = async (): Promise<number | undefined> => {
    const [response] = await once(get({ socketPath: path, path: '/mcp', agent: false }), 'response')
    response.resume()
    return response.statusCode
  }
  t.strictSame([await ask(), await ask(), await ask()], [200, 200, 429])
})

t.test('H-11 whoever watches the endpoint hears what was turned away, and cannot keep it from being said', async t => {
  const heard: string[] = []
  const observer = {
    refused ({ rung, status }: Refusal): void {
      heard.push(`${rung} ${status}`)
      throw new Error('a poor observer')
    }
  }
  const prepare = (app: FastifyInstance): void => { app.mcpObservers?.push(observer) }
  const { post, logs } = await startApp(t, { rateLimit: { principal: { max: 1 } } }, { prepare })
  t.strictSame(await statuses(2, () => post(alice)), [200, 429])
  t.strictSame(heard, ['rate-limit 429'])
  t.match(logs.filter(({ level }) => level >= 50), [{ msg: 'an observer failed' }])
})

t.test('H-11 ports, brackets, zones and mapped addresses that a proxy reports do not make another client', async t => {
  const { post } = await startApp(t, { rateLimit: { address: { max: 2 } } }, { fastify: { trustProxy: true } })
  const families = [
    ['203.0.113.9:50001', '203.0.113.9:50002', '::ffff:203.0.113.9', '203.0.113.9'],
    ['[2001:db8::1]:443', '[2001:db8::1]:444', '2001:db8::2', '[2001:db8::3]'],
    ['fe80::1%eth0', 'fe80::1%eth1', '[fe80::1]:80', 'fe80::1']
  ]
  for (const spellings of families) {
    const seen: number[] = []
    for (const spelling of spellings) seen.push((await post({ ...alice, 'x-forwarded-for': spelling })).status)
    t.strictSame(seen, [200, 200, 429, 429], String(spellings[0]))
  }
})

t.test('H-11 a system clock that is set back does not prolong a window', async t => {
  const { now } = Date
  const started = performance.now()
  t.teardown(() => { Date.now = now })
  const { post } = await startApp(t, { rateLimit: { address: false, principal: { max: 1, timeWindow: 200 } } })
  t.equal((await post(alice)).status, 200)
  Date.now = () => now() - 3_600_000
  const limited = await post(alice)
  t.equal(limited.status, 429)
  t.equal(limited.headers.get('retry-after'), '1')
  await until(() => performance.now() - started > 250)
  t.equal((await post(alice)).status, 200)
})
