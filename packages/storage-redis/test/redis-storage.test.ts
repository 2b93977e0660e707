import { storageSuite } from '@mcp/storage/suite'
import { redisStorage } from '../src/index.ts'
import { monitor } from './monitor.ts'
import { onlyOldCommands } from './only-old-commands.ts'
import { redisTest } from './redis-test.ts'
import { PATIENT, startRedisServer } from './redis-server.ts'

await redisTest('the storage suite on one Redis', async t => {
  const server = await startRedisServer()
  t.teardown(() => server.close())
  const { asked, stop } = await monitor(server)
  let count = 0
  await storageSuite(t, {
    name: 'redis',
    async create (events, budget) {
      const options = { url: server.url, keyPrefix: `suite ${++count}:`, events, budget, ...PATIENT }
      const [storage, peer] = [redisStorage(options), redisStorage(options)]
      return { storage, peer, close: async () => { await Promise.all([storage.close(), peer.close()]) } }
    }
  })
  stop()
  await t.test('Redis 6.2 knows all that was asked', async t => onlyOldCommands(t, server, asked))
})
