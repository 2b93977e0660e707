import { Type } from '@sinclair/typebox'
import { checkOptions, DEFAULT_EVENT_BOUNDS, DEFAULT_STORAGE_BUDGET, Opaque, Ticker } from '@mcp/storage'
import { MCP_SQLITE_BAD_OPTION } from './errors.ts'
import type { EventBounds, StorageBudget } from '@mcp/storage'
import type { Static } from '@sinclair/typebox'

const SqliteStorageOptionsSchema = Type.Object({
  path: Type.String({ minLength: 1 }),
  durability: Type.Union([Type.Literal('process'), Type.Literal('power')], { default: 'process' }),
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

export interface SqliteStorageOptions {
  /** Folder of the data. It is created when it does not exist. All processes of one machine that name it share its content. */
  readonly path: string
  /**
   * What a resolved write survives. Default: `process`, the death of the process. `power`: also a power cut; every write then waits
   * for the disk.
   */
  readonly durability?: 'process' | 'power'
  /** Which events of a session are kept. Default: 1,000 events, 4 MiB, 10 minutes. */
  readonly events?: Partial<EventBounds>
  /** What all sessions and events may take, in bytes. Default: 256 MiB, of which one caller may take 64 MiB. */
  readonly budget?: Partial<StorageBudget>
  /** The timer of the sweeps. Default: the timer of the process. */
  readonly ticker?: Ticker
}

export type CheckedOptions = Static<typeof SqliteStorageOptionsSchema>

/** @throws `MCP_SQLITE_BAD_OPTION` */
export function checkSqliteOptions (options: unknown): CheckedOptions {
  return checkOptions(SqliteStorageOptionsSchema, options, sentence => new MCP_SQLITE_BAD_OPTION(sentence))
}
