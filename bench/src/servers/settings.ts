/** What our servers are told on their command line. */
import { parseArgs } from 'node:util'
import type { McpAuthOptions } from '@mcp/auth'
import { memoryStorage } from '@mcp/storage'
import type { EventBounds, Storage } from '@mcp/storage'
import { sqliteStorage } from '@mcp/storage-sqlite'
import { redisStorage } from '@mcp/storage-redis'
import type { McpTelemetryOptions } from '@mcp/telemetry'

/** So much of it that only the number of events bounds what is kept. */
const ROOM_FOR_EVENTS = 64 * 2 ** 20

const { values } = parseArgs({
  options: {
    /** `memory`, `sqlite:PATH` or `redis://…` */
    storage: { type: 'string', default: 'memory' },
    /** How many events of a session are kept, where it is not the default. */
    events: { type: 'string' },
    /** After how many milliseconds without work a server object of the SDK is given up, where it is not the default. */
    'idle-ms': { type: 'string' },
    /** Options of `mcpAuth`, as JSON. */
    auth: { type: 'string' },
    /** Options of `mcpTelemetry`, as JSON. */
    telemetry: { type: 'string' }
  }
})

/** More sessions than any work opens: the cap is not what is measured. */
export const limits = { sessions: 1_000_000 }

export const idle = values['idle-ms'] === undefined ? {} : { idleMs: Number(values['idle-ms']) }

/** `null`: nobody asks who calls. */
export const auth = values.auth === undefined ? null : JSON.parse(values.auth) as McpAuthOptions

/** `null`: nobody watches. */
export const telemetry = values.telemetry === undefined ? null : JSON.parse(values.telemetry) as McpTelemetryOptions

export function openStorage (): Storage {
  const events: Partial<EventBounds> = values.events === undefined ? {} : { maxEvents: Number(values.events), maxBytes: ROOM_FOR_EVENTS }
  const address = values.storage
  if (address === 'memory') return memoryStorage({ events })
  if (address.startsWith('sqlite:')) return sqliteStorage({ path: address.slice('sqlite:'.length), events })
  if (address.startsWith('redis:')) return redisStorage({ url: address, events })
  throw new Error(`--storage takes memory, sqlite:PATH or redis://…; got ${address}`)
}
