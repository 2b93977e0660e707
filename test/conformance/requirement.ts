import type { Revision } from '@mcp/protocol'

/** One rule of the protocol that binds us, under the number our tests cite. */
export interface Requirement {
  id: string
  /** The specification's own word; † where it is silent or contradicts itself and the rule is ours. */
  level: `${'MUST' | 'MUST NOT' | 'SHOULD' | 'SHOULD NOT' | 'MAY'}${'' | '†'}`
  revisions: readonly Revision[]
  /** The rule, in a phrase. */
  says: string
  /** Why no test of this repository has to cite it. Absent: one has to. */
  why?: string
}

/** Writes one row of a list. */
export function rule (id: string, level: Requirement['level'], revisions: readonly Revision[], says: string, why?: string): Requirement {
  return why === undefined ? { id, level, revisions, says } : { id, level, revisions, says, why }
}

/** Streamable HTTP with a handshake. */
export const legacy = ['2025-03-26', '2025-06-18', '2025-11-25'] as const
/** Every revision with a handshake, HTTP+SSE included. */
export const handshake = ['2024-11-05', ...legacy] as const
/** The handshake revisions that know the version header. */
export const versioned = ['2025-06-18', '2025-11-25'] as const
export const batching = ['2025-03-26'] as const
export const polling = ['2025-11-25'] as const
export const modern = ['2026-07-28'] as const
export const streamable = [...legacy, ...modern] as const
export const all = [...handshake, ...modern] as const
export const sse = ['2024-11-05'] as const
/** The revisions that know authorization, OAuth resource servers, and challenges with scopes. */
export const authorized = streamable
export const oauth = [...versioned, ...modern] as const
export const scoped = [...polling, ...modern] as const

/* The reasons a rule can be without a test here. */
export const client = 'a duty of whoever uses the client: the transport moves messages and knows nothing of what they say'
export const application = 'a duty of the application: the endpoint neither does it nor can prevent it'
export const authorizationServer = 'a duty of authorization servers: this is a resource server'
export const oauthClient = 'the OAuth flow of clients is that of the official SDK, taken as it is; the official suites for clients judge it over our client'
