/** What every kind of authenticator has in common: a token goes in, a principal or a reason comes out. */
import type { Principal, RequestHead } from '@mcp/protocol'

/** The credential is worth nothing: 401. `reason` is made of our own words and sanitized excerpts. */
export interface Denial {
  readonly kind: 'denied'
  readonly reason: string
}

export interface Proof {
  readonly kind: 'principal'
  readonly principal: Principal
}

export type Outcome = Proof | Denial

/**
 * Throws or rejects with `MCP_AUTH_UNAVAILABLE` where nobody can tell right now (503), with anything else for a fault of its own
 * (500). Answers a value where it need not wait.
 */
export type Authenticate = (token: string, head: RequestHead) => Outcome | Promise<Outcome>

export function denied (reason: string): Denial {
  return { kind: 'denied', reason }
}

/** What is kept of a principal holds no token (G-22); it is put back for the one request. */
export type KeptPrincipal = Omit<Principal, 'token'>

export function proven (principal: KeptPrincipal, token: string): Proof {
  return { kind: 'principal', principal: { ...principal, token } }
}

/** Makes what requests will share safe from all of them. */
export function frozen<T> (value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const part of Object.values(value)) frozen(part)
  return Object.freeze(value)
}

/** Whether `expiresAt` (seconds) has passed, where clocks may differ by `skewSeconds`. */
export function isExpired (expiresAt: number | undefined, skewSeconds = 0): boolean {
  return expiresAt !== undefined && Date.now() > (expiresAt + skewSeconds) * 1000
}
