import { Type } from '@sinclair/typebox'
import { checkOptions, Opaque } from './check-options.ts'
import { MCP_STORAGE_BAD_OPTION } from './errors.ts'
import { MemoryBudget } from './memory-budget.ts'
import { MemoryBus } from './memory-bus.ts'
import { MemoryEvents } from './memory-events.ts'
import { MemoryNodes } from './memory-nodes.ts'
import { MemorySessions } from './memory-sessions.ts'
import { ticker as processTicker, Ticker } from './ticker.ts'
import type { EventBounds, Storage, StorageBudget } from './contract.ts'

export const DEFAULT_EVENT_BOUNDS: EventBounds = {
  maxEvents: 1000,
  maxBytes: 4 * 1024 * 1024,
  maxAgeMs: 10 * 60 * 1000
}

const MIB = 1024 * 1024

export const DEFAULT_STORAGE_BUDGET: StorageBudget = { bytes: 256 * MIB, bytesPerOwner: 64 * MIB }

/** How often expired sessions and aged events are looked for. They are unknown at once; this returns their memory. */
const SWEEP_MS = 30_000

const MemoryStorageOptionsSchema = Type.Object({
  events: Type.Object({
    maxEvents: Type.Integer({ minimum: 0, default: DEFAULT_EVENT_BOUNDS.maxEvents }),
    maxBytes: Type.Integer({ minimum: 0, default: DEFAULT_EVENT_BOUNDS.maxBytes }),
    maxAgeMs: Type.Number({ exclusiveMinimum: 0, default: DEFAULT_EVENT_BOUNDS.maxAgeMs })
  }, { additionalProperties: false, default: {} }),
  budget: Type.Object({
    bytes: Type.Integer({ minimum: 1024, default: DEFAULT_STORAGE_BUDGET.bytes }),
    bytesPerOwner: Type.Integer({ minimum: 1024, default: DEFAULT_STORAGE_BUDGET.bytesPerOwner })
  }, { additionalProperties: false, default: {} }),
  ticker: Type.Optional(Opaque<Ticker>('a Ticker', value => value instanceof Ticker))
}, { additionalProperties: false })

export interface MemoryStorageOptions {
  /** What is kept of each session's events. By default 1,000 events, 4 MiB, 10 minutes. */
  readonly events?: Partial<EventBounds>
  /** What all sessions and events may take, in bytes: by default 256 MiB, of which one caller may take 64 MiB. */
  readonly budget?: Partial<StorageBudget>
  /** Whose timer the sweeps use. By default the one of this process. */
  readonly ticker?: Ticker
}

/**
 * Sessions and events in the memory of this process: for one node, and gone with it. Every method but `close` answers
 * with a plain value, never a promise.
 *
 * - The records it hands out are frozen.
 * - `maxBytes` counts UTF-16 code units of the JSON text, which are bytes as long as the text is Latin-1.
 * - `budget` is an estimate that counts the same way. See `StorageBudget` for what goes when it is used up.
 * - Deleting a session, or its expiry, takes its events along.
 *
 * @throws `MCP_STORAGE_BAD_OPTION`
 */
export function memoryStorage (options: MemoryStorageOptions = {}): Storage {
  const { events: bounds, budget: limits, ticker = processTicker } = checkOptions(MemoryStorageOptionsSchema, options,
    sentence => new MCP_STORAGE_BAD_OPTION('memoryStorage', sentence))
  const budget = new MemoryBudget(limits)
  const events = new MemoryEvents(bounds, budget, id => sessions.ownerOf(id))
  const sessions = new MemorySessions(budget, {
    onCreated: id => events.adopt(id),
    onRemoved: id => events.deleteSession(id)
  })
  const bus = new MemoryBus()
  const nodes = new MemoryNodes()
  const stopSweeping = ticker.every(SWEEP_MS, () => {
    sessions.sweep()
    events.sweep()
    nodes.sweep()
  })
  return {
    name: 'memory',
    sessions,
    events,
    bus,
    nodes,
    async close () {
      stopSweeping()
      bus.close()
      sessions.clear()
      events.clear()
      budget.clear()
    }
  }
}
