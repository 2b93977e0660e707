import t from 'tap'
import { memoryStorage } from '../src/index.ts'
import { storageSuite } from '../src/suite.ts'

await storageSuite(t, {
  name: 'memory',
  async create (events, budget) {
    const storage = memoryStorage({ events, budget })
    return { storage, close: () => storage.close() }
  }
})
