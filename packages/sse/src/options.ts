import { checkOptions } from '@mcp/storage'
import { Type, type Static } from '@sinclair/typebox'
import { MCP_SSE_BAD_OPTION } from './errors.ts'

export const McpSseOptionsSchema = Type.Object({
  keepAliveMs: Type.Integer({ minimum: 10, maximum: 300_000, default: 15_000 }),
  stallMs: Type.Integer({ minimum: 10, default: 60_000 }),
  maxUnsentBytes: Type.Integer({ minimum: 1024, default: 16 * 1024 * 1024 }),
  maxTotalUnsentBytes: Type.Integer({ minimum: 1024, default: 256 * 1024 * 1024 })
}, { additionalProperties: false })

type Checked = Static<typeof McpSseOptionsSchema>

/** Options of the plugin `mcpSse`. */
export interface McpSseOptions {
  /** Longest silence of an open stream, in milliseconds; a comment is written sooner. Default 15 s. */
  readonly keepAliveMs?: number
  /** How long a reader may take nothing of what waits for it before its connection is cut, in milliseconds. Default 60,000. */
  readonly stallMs?: number
  /**
   * How much may wait unsent on one stream, in bytes. Default 16 MiB. When more waits, a call that sends on without waiting for room ends
   * with an error; the reader of a stored stream is disconnected and can resume.
   */
  readonly maxUnsentBytes?: number
  /** How much may wait unsent on all streams together, in bytes. Default 256 MiB. Beyond that the stream that holds most is cut. */
  readonly maxTotalUnsentBytes?: number
}

export function checkSseOptions (options: unknown): Checked {
  return checkOptions(McpSseOptionsSchema, options, sentence => new MCP_SSE_BAD_OPTION(sentence))
}
