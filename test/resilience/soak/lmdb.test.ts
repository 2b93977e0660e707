import { soak } from './lib/soak.ts'
import { lmdbStore } from './lib/stores.ts'

soak('LMDB', lmdbStore, false)
