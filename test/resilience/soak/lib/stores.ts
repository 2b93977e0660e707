/** The storages of the soak, and what they hold. */
import { statSync } from 'node:fs'
import path from 'node:path'
import { lmdbEntries } from '../../../../packages/storage-lmdb/test/entries.ts'
import { startRedisServer } from '../../../../packages/storage-redis/test/redis-server.ts'
import type { Test } from 'tap'

export interface Holdings {
  /** Keys of Redis, entries of the file. */
  readonly entries: number
  /** Memory Redis uses, size of the file; bytes. */
  readonly bytes: number
}

export interface Store {
  readonly address: string
  /** The node maps its file into memory, so that the size of the file counts to that of the process. */
  readonly mapped: boolean
  holdings (): Promise<Holdings>
}

export async function redisStore (t: Test): Promise<Store> {
  const redis = await startRedisServer({ appendonly: 'no' })
  t.teardown(() => redis.close())
  return {
    address: redis.url,
    mapped: false,
    async holdings () {
      const info = await redis.command('INFO', 'memory')
      const size = await redis.command('DBSIZE')
      return { entries: Number(/^:(\d+)/.exec(size)?.[1]), bytes: Number(/^used_memory:(\d+)/m.exec(info)?.[1]) }
    }
  }
}

export async function lmdbStore (t: Test): Promise<Store> {
  const folder = t.testdir()
  return {
    address: `lmdb:${folder}`,
    mapped: true,
    holdings: async () => ({ entries: lmdbEntries(folder), bytes: statSync(path.join(folder, 'data.mdb')).size })
  }
}
