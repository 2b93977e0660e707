import t from 'tap'
import { memoryStorage } from '../src/index.ts'
import { storageSuite } from '../src/suite.ts'

await storageSuite(t, {
  name: 'memory',
  async create (events) {
    const storage = memoryStorage({ events })
    return { storage, close: () => storage.close() }
  }
})
