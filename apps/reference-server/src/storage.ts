/** Where sessions and stream events live, as `MCP_STORAGE` says. */
import { memoryStorage, type Storage } from '@mcp/storage'
import { sqliteStorage } from '@mcp/storage-sqlite'
import { redisStorage } from '@mcp/storage-redis'
import type { FastifyBaseLogger } from 'fastify'

/** @param address `memory:`, `sqlite:PATH`, `redis://…` or `rediss://…`; its form was checked with the configuration */
export function openStorage (address: string, log: FastifyBaseLogger): Storage {
  if (address === 'memory:') return memoryStorage()
  if (address.startsWith('sqlite:')) return sqliteStorage({ path: address.slice('sqlite:'.length) })
  return redisStorage({ url: address, log })
}
