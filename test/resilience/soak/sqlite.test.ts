import { soak } from './lib/soak.ts'
import { sqliteStore } from './lib/stores.ts'

soak('SQLite', sqliteStore, false)
