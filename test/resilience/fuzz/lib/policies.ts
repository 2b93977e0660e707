/** The endpoints that are fuzzed, and what their ladders go by. */
import { REVISIONS, type LadderPolicy } from '@mcp/protocol'

const DUAL: LadderPolicy = { revisions: REVISIONS, sessions: true, strictAccept: false, maxBatch: 5 }

export const POLICIES = {
  /** Both eras, HTTP+SSE beside it, nobody asks who calls. */
  open: DUAL,
  /** The same behind `@mcp/auth` and `@mcp/security`. */
  guarded: DUAL,
  sessionless: { ...DUAL, sessions: false },
  modern: { ...DUAL, revisions: ['2026-07-28'], sessions: false },
  legacy: { ...DUAL, revisions: ['2025-03-26', '2025-11-25'], strictAccept: true }
} as const satisfies Record<string, LadderPolicy>

export type Variant = keyof typeof POLICIES

export const VARIANTS = Object.keys(POLICIES) as Variant[]

export const BODY_LIMIT = 16 * 1024
export const JSON_DEPTH = 16
