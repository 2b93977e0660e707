import { Type } from '@sinclair/typebox'
import { checkOptions, DEFAULT_EVENT_BOUNDS, Opaque, Ticker } from '@mcp/storage'
import { MCP_LMDB_BAD_OPTION } from './errors.ts'
import type { EventBounds } from '@mcp/storage'
import type { Static } from '@sinclair/typebox'

const LmdbStorageOptionsSchema = Type.Object({
  path: Type.String({ minLength: 1 }),
  durability: Type.Union([Type.Literal('process'), Type.Literal('power')], { default: 'process' }),
  events: Type.Object({
    maxEvents: Type.Integer({ minimum: 0, default: DEFAULT_EVENT_BOUNDS.maxEvents }),
    maxBytes: Type.Integer({ minimum: 0, default: DEFAULT_EVENT_BOUNDS.maxBytes }),
    maxAgeMs: Type.Number({ exclusiveMinimum: 0, default: DEFAULT_EVENT_BOUNDS.maxAgeMs })
  }, { additionalProperties: false, default: {} }),
  ticker: Type.Optional(Opaque<Ticker>('a Ticker', value => value instanceof Ticker))
}, { additionalProperties: false })

export interface LmdbStorageOptions {
  /** Folder of the data; made where it is missing. All processes of one machine that name it share what is in it. */
  readonly path: string
  /**
   * What an answer promises: with `process`, the default, that what was written survives the death of the process; with
   * `power`, that it is on the disk, which makes every write wait for the disk.
   */
  readonly durability?: 'process' | 'power'
  /** What is kept of each session's events. By default 1,000 events, 4 MiB, 10 minutes. */
  readonly events?: Partial<EventBounds>
  /** Whose timer the sweeps use. By default the one of this process. */
  readonly ticker?: Ticker
}

/** @throws `MCP_LMDB_BAD_OPTION` */
export function checkLmdbOptions (options: unknown): Static<typeof LmdbStorageOptionsSchema> {
  return checkOptions(LmdbStorageOptionsSchema, options, sentence => new MCP_LMDB_BAD_OPTION(sentence))
}
