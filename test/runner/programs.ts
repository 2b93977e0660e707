/** Installs the Debian packages that tests start, before they need them. Does nothing where they are there, or may not be installed. */
import { findRedisServer } from '../../packages/storage-redis/test/redis-server.ts'
import { findBrowser } from '../e2e/browsers/lib/programs.ts'
import { findNginx } from '../resilience/chaos/lib/programs.ts'

const found = { redis: findRedisServer(), nginx: findNginx(), chromium: findBrowser('chromium') }
for (const [name, program] of Object.entries(found)) console.log(`${name}: ${program ?? 'missing'}`)
