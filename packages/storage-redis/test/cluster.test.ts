import { storageSuite } from '@mcp/storage/suite'
import { redisStorage } from '../src/index.ts'
import { monitor } from './monitor.ts'
import { onlyOldCommands } from './only-old-commands.ts'
import { PATIENT } from './redis-server.ts'
import { redisTest } from './redis-test.ts'
import { startRedisCluster } from './redis-cluster.ts'

await redisTest('a Redis Cluster', async t => {
  const cluster = await startRedisCluster()
  t.teardown(() => cluster.close())
  const [node] = cluster.nodes
  if (node === undefined) throw new Error('there is no node')
  const { asked, stop } = await monitor(node)
  let count = 0
  for (const keyPrefix of ['spread', '{one-slot}']) {
    await storageSuite(t, {
      name: `redis cluster, prefix ${keyPrefix}`,
      async create (events, budget) {
        const options = { cluster: cluster.urls, keyPrefix: `${keyPrefix} ${++count}:`, events, budget, ...PATIENT }
        const [storage, peer] = [redisStorage(options), redisStorage(options)]
        return { storage, peer, close: async () => { await Promise.all([storage.close(), peer.close()]) } }
      }
    })
  }
  stop()
  await t.test('Redis 6.2 knows all that one of its nodes was asked', async t => onlyOldCommands(t, node, asked))
})
