import { checkOptions } from '@mcp/storage'
import { Type, type Static } from '@sinclair/typebox'
import { MCP_SESSION_BAD_OPTION } from './errors.ts'

const MINUTE = 60_000

export const McpSessionsOptionsSchema = Type.Object({
  idleMs: Type.Integer({ minimum: 100, default: 30 * MINUTE }),
  lifetimeMs: Type.Integer({ minimum: 100, default: 24 * 60 * MINUTE }),
  maxSessions: Type.Integer({ minimum: 1, default: 10_000 }),
  maxSessionsPerPrincipal: Type.Integer({ minimum: 1, default: 1_000 })
}, { additionalProperties: false })

export type SessionLimits = Static<typeof McpSessionsOptionsSchema>

/** Options of the plugin `mcpSessions`. */
export interface McpSessionsOptions {
  /** A session without request, stream or running call ends after this many milliseconds. Default 30 minutes. */
  readonly idleMs?: number
  /** No session lives longer, in milliseconds. Default 24 hours. */
  readonly lifetimeMs?: number
  /** Sessions the storage may hold: with the memory storage, those of this node. Default 10,000. */
  readonly maxSessions?: number
  /** Sessions of one named principal. Default 1,000. */
  readonly maxSessionsPerPrincipal?: number
}

export function checkSessionsOptions (options: unknown): SessionLimits {
  return checkOptions(McpSessionsOptionsSchema, options, sentence => new MCP_SESSION_BAD_OPTION(sentence))
}
