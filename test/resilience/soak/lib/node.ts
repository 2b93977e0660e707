/** A node with short limits that tells what it holds. Run with `--expose-gc`; the storage is its only argument. */
import { sdkApplication } from '@mcp/sdk-adapter'
import { mcpSessions } from '@mcp/session'
import { mcpSse } from '@mcp/sse'
import { mcpStorage, Ticker, type Storage } from '@mcp/storage'
import { sqliteStorage } from '../../../../packages/storage-sqlite/src/index.ts'
import { redisStorage } from '../../../../packages/storage-redis/src/index.ts'
import { mcpStreamable } from '@mcp/streamable-core'
import Fastify, { type FastifyInstance } from 'fastify'
import { setTimeout as sleep } from 'node:timers/promises'
import { isObject } from '@mcp/protocol'
import { EVENT_AGE_MS, IDLE_MS, LIFETIME_MS, STALL_MS } from './limits.ts'
import { soakServer } from './server.ts'

/** The file is swept twice a minute, which is too seldom for what lives for seconds. */
const HASTE = 15
const hasty = new Ticker({
  clock: {
    now: () => performance.now() * HASTE,
    wakeAfter: (delayMs, wake) => {
      const timer = setTimeout(wake, delayMs / HASTE)
      timer.unref()
      return () => clearTimeout(timer)
    }
  }
})

function openStorage (address: string): Storage {
  const events = { maxAgeMs: EVENT_AGE_MS }
  return address.startsWith('sqlite:')
    ? sqliteStorage({ path: address.slice('sqlite:'.length), events, ticker: hasty })
    : redisStorage({ url: address, events })
}

/** Each of these is to be nothing, or what it was. */
export interface Gauges {
  readonly rss: number
  readonly heap: number
  /** Sessions this node holds an object of, and those of the store. */
  readonly live: number
  readonly stored: number
  /** Connections that carry a stream of a session. */
  readonly streams: number
  /** Sockets of clients. */
  readonly sockets: number
  readonly timers: number
  /** Listeners of the process and of signals, by Node's own count. */
  readonly listeners: number
}

async function gauges (app: FastifyInstance): Promise<Gauges> {
  // What is only reachable through finalizers goes with a later round.
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.()
    await sleep(20)
  }
  const { rss, heapUsed, external } = process.memoryUsage()
  const live = [...app.mcpSessions.live()]
  const sockets = await new Promise<number>((resolve, reject) => {
    app.server.getConnections((error, count) => error === null ? resolve(count) : reject(error))
  })
  return {
    rss,
    heap: heapUsed + external,
    live: live.length,
    stored: await app.mcpStorage.sessions.count(),
    streams: live.reduce((sum, { openStreams }) => sum + openStreams, 0),
    sockets,
    timers: process.getActiveResourcesInfo().filter(name => name === 'Timeout').length,
    listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0)
  }
}

const [address = ''] = process.argv.slice(2)
const app: FastifyInstance = Fastify({ keepAliveTimeout: 1_000 })
await app.register(mcpStorage, { storage: openStorage(address) })
await app.register(mcpSse, { keepAliveMs: 1_000, stallMs: STALL_MS })
await app.register(mcpSessions, { idleMs: IDLE_MS, lifetimeMs: LIFETIME_MS })
await app.register(mcpStreamable, { application: sdkApplication(soakServer, { idleMs: IDLE_MS }), keepAliveMs: 1_000 })
app.get('/gauges', () => gauges(app))
await app.listen({ host: '127.0.0.1', port: 0 })
const bound = app.server.address()
console.log(`Endpoint http://127.0.0.1:${isObject(bound) ? bound.port : 0}`)
process.once('SIGTERM', () => { app.close().then(() => process.exit(0)) })
