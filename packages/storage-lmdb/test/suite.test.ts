import t from 'tap'
import { storageSuite } from '@mcp/storage/suite'
import { lmdbStorage } from '../src/index.ts'

await storageSuite(t, {
  name: 'lmdb',
  withoutBudget: 'another storage replaces this one',
  async create (events) {
    const path = t.testdir()
    const storage = lmdbStorage({ path, events })
    return { storage, close: () => storage.close() }
  }
})

await storageSuite(t, {
  name: 'lmdb, opened twice',
  withoutBudget: 'another storage replaces this one',
  async create (events) {
    const path = t.testdir()
    const [storage, peer] = [lmdbStorage({ path, events }), lmdbStorage({ path, events })]
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
