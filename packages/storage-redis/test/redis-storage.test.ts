import { storageSuite } from '@mcp/storage/suite'
import { redisStorage } from '../src/index.ts'
import { redisTest } from './redis-test.ts'
import { startRedisServer } from './redis-server.ts'

await redisTest('the storage suite on one Redis', async t => {
  const server = await startRedisServer()
  t.teardown(() => server.close())
  let count = 0
  await storageSuite(t, {
    name: 'redis',
    async create (events) {
      const options = { url: server.url, keyPrefix: `suite ${++count}:`, events }
      const [storage, peer] = [redisStorage(options), redisStorage(options)]
      return { storage, peer, close: async () => { await Promise.all([storage.close(), peer.close()]) } }
    }
  })
})
