import { checkOptions } from '@mcp/storage'
import { Type, type Static } from '@sinclair/typebox'
import { MCP_SESSION_BAD_OPTION } from './errors.ts'

const MINUTE = 60_000

/** What a session's state may take by default: every request of the session may read it. */
export const MAX_STATE_BYTES = 256 * 1024

export const McpSessionsOptionsSchema = Type.Object({
  idleMs: Type.Integer({ minimum: 100, default: 30 * MINUTE }),
  lifetimeMs: Type.Integer({ minimum: 100, default: 24 * 60 * MINUTE }),
  maxSessions: Type.Integer({ minimum: 1, default: 10_000 }),
  maxSessionsPerPrincipal: Type.Integer({ minimum: 1, default: 1_000 }),
  maxSessionsPerAddress: Type.Optional(Type.Integer({ minimum: 1 })),
  maxStateBytes: Type.Optional(Type.Integer({ minimum: 1 }))
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
  /** Sessions of anonymous callers from one address (of IPv6: from one /64 network). Default: half of `maxSessions`. */
  readonly maxSessionsPerAddress?: number | undefined
  /** Size of one session's state as JSON, in bytes. A larger one is rejected with `MCP_SESSION_STATE_TOO_LARGE`. Default 256 KiB. */
  readonly maxStateBytes?: number
}

export function checkSessionsOptions (options: unknown): SessionLimits {
  return checkOptions(McpSessionsOptionsSchema, options, sentence => new MCP_SESSION_BAD_OPTION(sentence))
}
