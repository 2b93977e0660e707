import { storageSuite } from '@mcp/storage/suite'
import { redisStorage } from '../src/index.ts'
import { redisTest } from './redis-test.ts'
import { startRedisCluster } from './redis-cluster.ts'

await redisTest('a Redis Cluster', async t => {
  const cluster = await startRedisCluster()
  t.teardown(() => cluster.close())
  let count = 0
  for (const keyPrefix of ['spread', '{one-slot}']) {
    await storageSuite(t, {
      name: `redis cluster, prefix ${keyPrefix}`,
      async create (events) {
        const options = { cluster: cluster.urls, keyPrefix: `${keyPrefix} ${++count}:`, events }
        const [storage, peer] = [redisStorage(options), redisStorage(options)]
        return { storage, peer, close: async () => { await Promise.all([storage.close(), peer.close()]) } }
      }
    })
  }
})
