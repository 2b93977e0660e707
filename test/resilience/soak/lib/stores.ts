/** The storages of the soak, and what they hold. */
import { statSync } from 'node:fs'
import path from 'node:path'
import { sqliteRows } from '../../../../packages/storage-sqlite/test/rows.ts'
import { startRedisServer } from '../../../../packages/storage-redis/test/redis-server.ts'
import type { Test } from 'tap'

export interface Holdings {
  /** Keys of Redis, rows of the file. */
  readonly entries: number
  /** Memory Redis uses, size of the file; bytes. */
  readonly bytes: number
}

export interface Store {
  readonly address: string
  holdings (): Promise<Holdings>
}

export async function redisStore (t: Test): Promise<Store> {
  const redis = await startRedisServer({ appendonly: 'no' })
  t.teardown(() => redis.close())
  return {
    address: redis.url,
    async holdings () {
      const info = await redis.command('INFO', 'memory')
      const size = await redis.command('DBSIZE')
      return { entries: Number(/^:(\d+)/.exec(size)?.[1]), bytes: Number(/^used_memory:(\d+)/m.exec(info)?.[1]) }
    }
  }
}

export async function sqliteStore (t: Test): Promise<Store> {
  const folder = t.testdir()
  return {
    address: `sqlite:${folder}`,
    holdings: async () => ({ entries: sqliteRows(folder), bytes: statSync(path.join(folder, 'data.sqlite')).size })
  }
}
