/** What is going on at this node: for those on its machine, or, where callers are authenticated, for those who may know. */
import type { NodeStatus, TrafficSnapshot } from '@mcp/console/contract'
import type { FastifyInstance } from 'fastify'
import { adminsOnly } from './admission.ts'
import type { Config } from './config.ts'

export const NODE_PATH = '/admin/node.json'

/** The page asks once a second; guesses at credentials end here where there are limits. */
const RATE_LIMIT = { max: 300, timeWindow: '1 minute' }

/** Adds `GET /admin/node.json`, which answers a {@link NodeStatus}. */
export function addAdmin (app: FastifyInstance, config: Config, traffic: () => TrafficSnapshot): void {
  app.get(NODE_PATH, { onRequest: adminsOnly(app, config), config: { rateLimit: RATE_LIMIT } }, async (_request, reply) => {
    reply.header('cache-control', 'no-store')
    return status(app, traffic())
  })
}

function status (app: FastifyInstance, traffic: TrafficSnapshot): NodeStatus {
  const { rss, heapUsed } = process.memoryUsage()
  const uptimeMs = Math.round(process.uptime() * 1000)
  return { at: performance.now(), uptimeMs, draining: app.mcp.draining, memory: { rss, heapUsed }, traffic }
}
