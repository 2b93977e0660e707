/** What protects the server beside authentication, as `MCP_RATE_LIMIT` and `MCP_ALLOWED_ORIGINS` say. */
import type { McpSecurityOptions, RedisClient } from '@mcp/security'
import type { FastifyInstance } from 'fastify'
import { Redis } from 'ioredis'
import type { Config } from './config.ts'

/** Servers that share their storage in Redis share what they count. */
export function securityOptions (config: Config, app: FastifyInstance): McpSecurityOptions {
  const { allowedOrigins, rateLimit, storage } = config
  const cors = allowedOrigins === undefined ? {} : { allowedOrigins }
  if (rateLimit === null) return { cors, rateLimit: false, concurrency: false, notifications: false }
  const shared = storage.startsWith('redis') ? { redis: openRedis(storage, app) } : {}
  return { cors, rateLimit: { address: rateLimit, principal: rateLimit, ...shared } }
}

function openRedis (url: string, app: FastifyInstance): RedisClient {
  const redis = new Redis(url, { enableOfflineQueue: false })
  // The limits log once when they count alone; this would be a line for every attempt to connect.
  redis.on('error', () => {})
  app.addHook('onClose', () => redis.disconnect())
  return redis
}
