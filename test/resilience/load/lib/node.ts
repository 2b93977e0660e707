/** One node with a raw application, in a process of its own. Tells what it holds and how late its event loop is. */
import { ErrorCode, errorResponse, isObject, isRequest, type Exchange, type ExchangeHandler, type JsonObject } from '@mcp/protocol'
import { mcpStreamable } from '@mcp/streamable-core'
import Fastify, { type FastifyInstance } from 'fastify'
import { monitorEventLoopDelay } from 'node:perf_hooks'

/** Of the node; delays in milliseconds, memory in bytes. */
export interface NodeState {
  readonly rss: number
  readonly heap: number
  readonly sessions: number
  readonly streams: number
  readonly sockets: number
  /** Since the last time it was asked. */
  readonly delay: { readonly p50: number, readonly p99: number, readonly max: number }
  /** Replies by status since the start. */
  readonly statuses: Readonly<Record<string, number>>
}

const capabilities = { tools: { listChanged: true } }
const serverInfo = { name: 'loaded', version: '1' }

const application: ExchangeHandler = exchange => {
  const { message, revision } = exchange
  if (!isRequest(message)) return
  const answer = (result: JsonObject): Promise<void> => exchange.send({ jsonrpc: '2.0', id: message.id, result })
  switch (message.method) {
    case 'initialize': return answer({ protocolVersion: revision, capabilities, serverInfo })
    case 'server/discover': return answer({ supportedVersions: ['2026-07-28'], capabilities, ttlMs: 0, cacheScope: 'private' })
    case 'tools/list': return answer({ tools: [] })
    case 'tools/call': return call(exchange, message.params ?? {}, answer)
    default: return exchange.send(errorResponse(message.id, ErrorCode.MethodNotFound, 'Method not found'))
  }
}

async function call (exchange: Exchange, params: JsonObject, answer: (result: JsonObject) => Promise<void>): Promise<void> {
  const given = isObject(params.arguments) ? params.arguments : {}
  const count = params.name === 'burst' ? Number(given.count) : 0
  for (let progress = 1; progress <= count; progress++) {
    await exchange.send({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 'p', progress, total: count } })
  }
  await answer({ content: [{ type: 'text', text: String(given.text) }] })
}

const statuses: Record<string, number> = {}
const delay = monitorEventLoopDelay({ resolution: 5 })
delay.enable()

async function state (app: FastifyInstance): Promise<NodeState> {
  const { rss, heapUsed, external } = process.memoryUsage()
  const live = [...app.mcpSessions.live()]
  const sockets = await new Promise<number>((resolve, reject) => {
    app.server.getConnections((error, count) => error === null ? resolve(count) : reject(error))
  })
  const told: NodeState = {
    rss,
    heap: heapUsed + external,
    sessions: await app.mcpStorage.sessions.count(),
    streams: live.reduce((sum, { openStreams }) => sum + openStreams, 0),
    sockets,
    delay: { p50: delay.percentile(50) / 1e6, p99: delay.percentile(99) / 1e6, max: delay.max / 1e6 },
    statuses
  }
  delay.reset()
  return told
}

const app: FastifyInstance = Fastify()
app.addHook('onResponse', async (_request, reply) => { statuses[reply.statusCode] = (statuses[reply.statusCode] ?? 0) + 1 })
const limits = {
  sessions: 100_000, sessionsPerPrincipal: 100_000, sessionsPerAddress: 100_000, storedBytesPerCaller: 256 * 1024 * 1024, listens: 100_000
}
await app.register(mcpStreamable, { application, limits })
await app.listen({ host: '127.0.0.1', port: 0, backlog: 4_096 })
// The questions go over a socket of their own, so that they are none of the load.
const admin: FastifyInstance = Fastify()
admin.get('/state', () => state(app))
admin.post('/publish', () => app.mcp.publish({ method: 'notifications/tools/list_changed' }).then(() => ({})))
await admin.listen({ host: '127.0.0.1', port: 0 })
console.log(`Ports ${portOf(app)} ${portOf(admin)}`)

function portOf (app: FastifyInstance): number {
  const address = app.server.address()
  return isObject(address) ? Number(address.port) : 0
}
