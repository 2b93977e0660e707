import t from 'tap'
import { optionsFrom } from '../src/options.ts'
import { parseRedisUrl } from '../src/address.ts'
import { redisStorage } from '../src/index.ts'
import { describeTarget, retryDelay } from '../src/clients.ts'
import type { RedisStorageOptions } from '../src/index.ts'

t.test('URLs', async t => {
  t.same(parseRedisUrl('redis://example.org'), { host: 'example.org', port: 6379 })
  t.same(parseRedisUrl('redis://user:p%40ss@127.0.0.1:7000/3'), { host: '127.0.0.1', port: 7000, username: 'user', password: 'p@ss', db: 3 })
  t.same(parseRedisUrl('rediss://:word@[::1]:7000/'), { host: '::1', port: 7000, password: 'word', tls: {} })
  for (const text of ['', 'example.org:6379', 'http://example.org', 'redis://', 'redis://a/name', 'redis://a/1?x=y', 'redis://:%zz@a']) {
    t.equal(parseRedisUrl(text), null, text)
  }
})

t.test('defaults', async t => {
  const { client, cluster, keyPrefix, events, timeoutMs } = optionsFrom({})
  t.same({ client, cluster, keyPrefix, events, timeoutMs }, {
    client: { host: '127.0.0.1', port: 6379 },
    cluster: null,
    keyPrefix: 'mcp:',
    events: { maxEvents: 1000, maxBytes: 4_194_304, maxAgeMs: 600_000 },
    timeoutMs: 2000
  })
  t.same(optionsFrom({ events: { maxEvents: 5 } }).events, { maxEvents: 5, maxBytes: 4_194_304, maxAgeMs: 600_000 })
})

t.test('client options win over the URL', async t => {
  const { client } = optionsFrom({ url: 'redis://ann:one@a:7000/1', client: { password: 'two', db: 2 } })
  t.same(client, { host: 'a', port: 7000, username: 'ann', password: 'two', db: 2 })
})

t.test('Sentinels', async t => {
  const sentinels = [{ host: 'a', port: 26379 }, { host: 'b', port: 26379 }]
  const checked = optionsFrom({ client: { sentinels, name: 'main', sentinelPassword: 'word' } })
  t.match(checked.client, { sentinels, name: 'main', sentinelPassword: 'word' })
  t.equal(describeTarget(checked), 'sentinel main')
})

t.test('clusters', async t => {
  const both = optionsFrom({ url: 'rediss://:word@a:7000', cluster: ['redis://b:7001', 'redis://c'] })
  t.same(both.cluster, [{ host: 'a', port: 7000 }, { host: 'b', port: 7001 }, { host: 'c', port: 6379 }])
  t.match(both.client, { password: 'word', tls: {} })
  t.equal(describeTarget(both), 'cluster a:7000, b:7001, c:6379')
  t.same(optionsFrom({ url: 'redis://a', cluster: true }).cluster, [{ host: 'a', port: 6379 }])
  t.same(optionsFrom({ client: { host: 'a', port: 7000 }, cluster: true }).cluster, [{ host: 'a', port: 7000 }])
})

t.test('where it connects is said without credentials', async t => {
  t.equal(describeTarget(optionsFrom({ url: 'redis://ann:word@a:7000/1' })), 'a:7000')
  t.equal(describeTarget(optionsFrom({ client: { path: '/run/redis.sock' } })), '/run/redis.sock')
})

t.test('pauses between attempts grow up to a second', async t => {
  t.same([1, 2, 3, 4, 5, 6, 7, 100].map(retryDelay), [50, 100, 200, 400, 800, 1000, 1000, 1000])
})

t.test('a bad option throws one sentence that names it', async t => {
  const url = 'a URL like redis://user:password@host:6379/0, or rediss:// for TLS'
  const cases: Array<[options: unknown, sentence: string]> = [
    [{ url: 'http://ann:word@host' }, `option "url" must be ${url}, got a string that is not shown`],
    [{ url: 6379 }, `option "url" must be ${url}, got 6379`],
    [{ keyPrefix: '' }, 'option "keyPrefix" must be a non-empty string, got ""'],
    [{ timeoutMs: 5 }, 'option "timeoutMs" must be an integer from 50 to 60000, got 5'],
    [{ events: { maxEvents: -1 } }, 'option "events.maxEvents" must be an integer of at least 0, got -1'],
    [{ cluster: [] }, 'option "cluster" must be true (start at the url) or an array of URLs to start at, got an empty array'],
    [{ cluster: false }, 'option "cluster" must be true (start at the url) or an array of URLs to start at, got false'],
    [{ log: console.log }, 'option "log" must be a logger with the methods info and error, got a function'],
    [{ cluster: true, client: { sentinels: [] } }, 'option "cluster" and option "client.sentinels" exclude each other'],
    [{ host: 'a' }, 'option "host" is unknown, expected "url", "client", "cluster", "keyPrefix", "events", "budget", "timeoutMs" or "log"']
  ]
  for (const [options, sentence] of cases) {
    t.throws(() => redisStorage(options as RedisStorageOptions), { code: 'MCP_STORAGE_BAD_OPTION', message: `redisStorage: ${sentence}` }, sentence)
  }
  t.throws(() => redisStorage({ client: { keyPrefix: 'x' } as object }), { message: /option "client" must be .* without keyPrefix, .* got an object/ })
})
