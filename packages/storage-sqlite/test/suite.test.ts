import t from 'tap'
import { storageSuite } from '@mcp/storage/suite'
import { sqliteStorage } from '../src/index.ts'

await storageSuite(t, {
  name: 'sqlite',
  async create (events, budget) {
    const storage = sqliteStorage({ path: t.testdir(), events, budget })
    return { storage, close: () => storage.close() }
  }
})

await storageSuite(t, {
  name: 'sqlite, opened twice',
  async create (events, budget) {
    const path = t.testdir()
    const [storage, peer] = [sqliteStorage({ path, events, budget }), sqliteStorage({ path, events, budget })]
    return {
      storage,
      peer,
      async close () {
        await storage.close()
        await peer.close()
      }
    }
  }
})
