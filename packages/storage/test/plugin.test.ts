import Fastify from 'fastify'
import t from 'tap'
import plugin, { mcpStorage, memoryStorage } from '../src/index.ts'

/** A storage that remembers how often it was closed. */
function watchedStorage () {
  const storage = memoryStorage()
  const watched = {
    ...storage,
    closed: 0,
    async close () {
      watched.closed++
      await storage.close()
    }
  }
  return watched
}

t.test('decorates with a storage in memory by default', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(mcpStorage)
  t.equal(app.mcpStorage.name, 'memory')
  t.equal(plugin, mcpStorage)
})

t.test('hands out the storage it was given, to child scopes too, and closes it after those who use it', async t => {
  const storage = watchedStorage()
  const app = Fastify()
  await app.register(mcpStorage, { storage })
  t.equal(app.mcpStorage, storage)
  let closedBefore = -1
  await app.register(async child => {
    t.equal(child.mcpStorage, storage)
    child.addHook('onClose', async () => { closedBefore = storage.closed })
  })
  await app.ready()
  await app.close()
  t.equal(closedBefore, 0)
  t.equal(storage.closed, 1)
})

t.test('a second registration in one scope is refused and leaves the first as it is', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  const storage = watchedStorage()
  await app.register(mcpStorage, { storage })
  await t.rejects(async () => app.register(mcpStorage), { code: 'MCP_STORAGE_ALREADY_REGISTERED', message: /already registered in this scope/ })
  t.equal(app.mcpStorage, storage)
})

t.test('scopes have storages of their own', async t => {
  const [outer, inner] = [watchedStorage(), watchedStorage()]
  const app = Fastify()
  await app.register(mcpStorage, { storage: outer })
  await app.register(async child => {
    await child.register(mcpStorage, { storage: inner })
    t.equal(child.mcpStorage, inner)
  })
  await app.register(async sibling => { t.equal(sibling.mcpStorage, outer) })
  await app.ready()
  t.equal(app.mcpStorage, outer)
  await app.close()
  t.same([outer.closed, inner.closed], [1, 1])
})
