import { checkOptions } from '@mcp/storage'
import { Type, type Static } from '@sinclair/typebox'
import { MCP_SSE_BAD_OPTION } from './errors.ts'

export const McpSseOptionsSchema = Type.Object({
  keepAliveMs: Type.Integer({ minimum: 10, maximum: 300_000, default: 15_000 }),
  stallMs: Type.Integer({ minimum: 10, default: 60_000 }),
  maxUnsentBytes: Type.Integer({ minimum: 1024, default: 1024 * 1024 })
}, { additionalProperties: false })

type Checked = Static<typeof McpSseOptionsSchema>

/** Options of the plugin `mcpSse`. */
export interface McpSseOptions {
  /** Longest silence of an open stream, in milliseconds; a comment is written sooner. Default 15 s. */
  readonly keepAliveMs?: number
  /** How long a full buffer may stay full before its reader is given up, in milliseconds. Default 60 s. */
  readonly stallMs?: number
  /** Bytes that may wait unsent on one stream before its reader is given up. Default 1 MiB. */
  readonly maxUnsentBytes?: number
}

export function checkSseOptions (options: unknown): Checked {
  return checkOptions(McpSseOptionsSchema, options, sentence => new MCP_SSE_BAD_OPTION(sentence))
}
