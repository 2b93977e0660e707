/** What load balancers and supervisors ask: is the process well, and does it want traffic. */
import type { FastifyInstance } from 'fastify'

/** `/healthz` answers 200 for as long as the process lives, `/readyz` 503 from the moment its endpoint drains. */
export function addHealth (app: FastifyInstance): void {
  app.get('/healthz', async () => ({ status: app.mcp.draining ? 'draining' : 'ok' }))
  app.get('/readyz', async (_request, reply) => {
    if (app.mcp.draining) reply.code(503)
    return { status: app.mcp.draining ? 'draining' : 'ready' }
  })
}
