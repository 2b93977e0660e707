import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { redisStorage } from '../src/index.ts'
import { answers, recordingLog, until } from './helper.ts'
import { redisTest } from './redis-test.ts'
import { freePort, startRedisServer } from './redis-server.ts'
import { startRedisCluster } from './redis-cluster.ts'

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))

await redisTest('TLS with a certificate of one\'s own', async t => {
  const port = await freePort()
  const server = await startRedisServer({
    'tls-port': port,
    'tls-cert-file': fixture('localhost-certificate.pem'),
    'tls-key-file': fixture('localhost-key.pem'),
    'tls-auth-clients': 'no'
  })
  const url = `rediss://localhost:${port}`
  const trusting = redisStorage({ url, client: { tls: { ca: await readFile(fixture('localhost-certificate.pem')) } } })
  const log = recordingLog()
  const careful = redisStorage({ url, timeoutMs: 200, log })
  t.teardown(async () => { await trusting.close(); await careful.close(); await server.close() })
  t.equal(await trusting.sessions.count(), 0)
  await t.rejects(careful.sessions.count(), { code: 'MCP_STORAGE_UNAVAILABLE' })
  t.match(log.lines, [/self-signed certificate/])
})

await redisTest('a password, right and wrong, that no log repeats', async t => {
  const server = await startRedisServer({ requirepass: 'quite-secret' })
  t.teardown(() => server.close())
  const [right, wrong] = ['quite-secret', 'far-too-secret'].map(password => {
    const log = recordingLog()
    return { log, storage: redisStorage({ url: `redis://:${password}@127.0.0.1:${server.port}/2`, timeoutMs: 300, log }) }
  })
  t.teardown(async () => { await right?.storage.close(); await wrong?.storage.close() })
  t.equal(await right?.storage.sessions.count(), 0)
  await t.rejects(async () => wrong?.storage.sessions.count(), { code: 'MCP_STORAGE_UNAVAILABLE' })
  t.same(right?.log.lines, [])
  t.equal(wrong?.log.lines.length, 1)
  t.match(wrong?.log.lines[0], /WRONGPASS/)
  t.notMatch(wrong?.log.lines[0], /secret/)
})

await redisTest('a master found by Sentinel', async t => {
  const master = await startRedisServer()
  const sentinel = await startRedisServer({}, master.port)
  const log = recordingLog()
  const storage = redisStorage({ client: { sentinels: [{ host: '127.0.0.1', port: sentinel.port }], name: 'master' }, keyPrefix: 'found:', log })
  t.teardown(async () => { await storage.close(); await sentinel.close(); await master.close() })
  const heard: string[] = []
  await storage.bus.subscribe('c', message => heard.push(message))
  await storage.nodes.beat('a', 60_000)
  await storage.bus.publish('c', 'm')
  await until(() => heard.length > 0)
  t.equal(await master.command('EXISTS', 'found:node:a'), ':1')

  await master.kill()
  await until(() => log.lines.length === 1)
  await master.start()
  await until(() => answers(() => storage.nodes.beat('a', 60_000)))
  await until(() => log.lines.length === 2)
  t.match(log.lines, [/^error Redis at sentinel master is out of reach/, /^info/])
})

await redisTest('one node of a cluster is killed and comes back', async t => {
  const cluster = await startRedisCluster()
  const log = recordingLog()
  const storage = redisStorage({ cluster: cluster.urls, timeoutMs: 500, log })
  t.teardown(async () => { await storage.close(); await cluster.close() })
  const sessions = Array.from({ length: 30 }, (_, index) => `session-${index}`)
  const next = (session: string) => storage.events.append(session, 'st', ['1'], false)
  for (const session of sessions) await storage.events.open(session, 'st', { node: null, requestIds: [] })
  await Promise.all(sessions.map(next))

  await cluster.nodes[0]?.kill()
  const served = await Promise.all(sessions.map(session => answers(() => next(session))))
  t.ok(served.includes(false) && served.includes(true), 'the others go on')
  await until(() => log.lines.length === 1)
  t.match(log.lines, [/^error Redis at cluster .* is out of reach/])

  await cluster.nodes[0]?.start()
  await until(async () => (await Promise.all(sessions.map(session => answers(() => storage.events.read(session, 'st', 0, 1))))).every(Boolean))
  await until(() => log.lines.length === 2)
  for (const [index, session] of sessions.entries()) t.equal(await next(session), served[index] === true ? 3 : 2, 'nothing lost, nothing twice')
})
