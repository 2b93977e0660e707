import { mcpStorage, memoryStorage } from '@mcp/storage'
import Fastify from 'fastify'
import t from 'tap'
import plugin, { mcpSessions } from '../src/index.ts'
import { HANDSHAKE } from './helper.ts'

const ENDPOINT = { name: 'main', respond () {} }

t.test('decorates with sessions, and every request with none', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(mcpStorage)
  await app.register(mcpSessions)
  app.get('/', async request => ({ session: request.mcpSession }))
  t.same((await app.inject('/')).json(), { session: null })
  const session = app.mcpSessions.open(ENDPOINT, '', HANDSHAKE, '2025-11-25')
  t.equal(await app.mcpSessions.store(session), 'created')
  t.equal(await app.mcpStorage.sessions.count(), 1)
  t.equal(plugin, mcpSessions)
})

t.test('without a storage the error names what is missing', async t => {
  const app = Fastify()
  t.teardown(() => app.close().catch(() => {}))
  await t.rejects(async () => app.register(mcpSessions), { message: /@mcp\/storage.*@mcp\/session/ })
})

t.test('a second registration in one scope is refused', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(mcpStorage)
  await app.register(mcpSessions)
  await t.rejects(async () => app.register(mcpSessions), { code: 'MCP_SESSION_ALREADY_REGISTERED', message: /register it once/ })
})

t.test('scopes have sessions of their own', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(mcpStorage)
  await app.register(mcpSessions)
  await app.register(async child => {
    await child.register(mcpSessions, { maxSessions: 1 })
    t.not(child.mcpSessions, app.mcpSessions)
    child.get('/', async request => ({ session: request.mcpSession }))
  }, { prefix: '/child' })
  await app.register(async sibling => { t.equal(sibling.mcpSessions, app.mcpSessions) })
  t.same((await app.inject('/child/')).json(), { session: null })
})

t.test('closing the server ends what is open and leaves the sessions to the storage', async t => {
  const storage = memoryStorage()
  t.teardown(() => storage.close())
  const app = Fastify()
  await app.register(mcpStorage, { storage: { ...storage, close: async () => {} } })
  await app.register(mcpSessions)
  const session = app.mcpSessions.open(ENDPOINT, '', HANDSHAKE, '2025-11-25')
  await app.mcpSessions.store(session)
  t.equal(await storage.nodes.alive(app.mcpSessions.node), true)
  await app.close()
  t.equal(session.ended, true)
  t.ok(await storage.sessions.read(session.id))
  t.equal(await storage.nodes.alive(app.mcpSessions.node), false, 'and takes the node off the list')
})

t.test('a storage that cannot subscribe is reported and does not end the process', async t => {
  const storage = memoryStorage()
  t.teardown(() => storage.close())
  const lines: string[] = []
  const app = Fastify({ logger: { level: 'error', stream: { write: line => lines.push(line) } } })
  await app.register(mcpStorage, {
    storage: { ...storage, bus: { publish () {}, subscribe: () => Promise.reject(new Error('no route to storage')) } }
  })
  await app.register(mcpSessions)
  const session = app.mcpSessions.open(ENDPOINT, '', HANDSHAKE, '2025-11-25')
  await app.mcpSessions.store(session)
  await app.close()
  t.ok(lines.length >= 2 && lines.every(line => line.includes('no route to storage')))
})
