import { needing } from '../chaos/lib/settings.ts'
import { soak } from './lib/soak.ts'
import { redisStore } from './lib/stores.ts'

soak('Redis', redisStore, needing('redis').skip)
