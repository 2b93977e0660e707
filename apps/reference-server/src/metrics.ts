/** What is going on at this node, as Prometheus reads it. */
import type { FastifyInstance } from 'fastify'
import { adminsOnly } from './admission.ts'
import type { Config } from './config.ts'

export const METRICS_PATH = '/metrics'

/** More than any scraper asks; guesses at credentials end here where there are limits. */
const RATE_LIMIT = { max: 60, timeWindow: '1 minute' }

export function addMetrics (app: FastifyInstance, config: Config): void {
  app.get(METRICS_PATH, { onRequest: adminsOnly(app, config), config: { rateLimit: RATE_LIMIT } }, async (_request, reply) => {
    reply.header('cache-control', 'no-store').type(app.mcpTelemetry.contentType)
    return app.mcpTelemetry.metrics()
  })
}
