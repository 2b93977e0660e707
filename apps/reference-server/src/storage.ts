/** Where sessions and stream events live, as `MCP_STORAGE` says. */
import { memoryStorage, type Storage } from '@mcp/storage'
import { lmdbStorage } from '@mcp/storage-lmdb'
import { redisStorage } from '@mcp/storage-redis'
import type { FastifyBaseLogger } from 'fastify'

/** @param address `memory:`, `lmdb:PATH`, `redis://…` or `rediss://…`; its form was checked with the configuration */
export function openStorage (address: string, log: FastifyBaseLogger): Storage {
  if (address === 'memory:') return memoryStorage()
  if (address.startsWith('lmdb:')) return lmdbStorage({ path: address.slice('lmdb:'.length) })
  return redisStorage({ url: address, log })
}
