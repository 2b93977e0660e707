/** An API key as it is compared: checked, and with its principal made beforehand. */
import { isObject } from '@mcp/protocol'
import { frozen, type KeptPrincipal } from '../authenticator.ts'

export interface KeptKey {
  readonly digest: Buffer
  readonly principal: KeptPrincipal
}

const HASH = /^[0-9a-f]{64}$/i
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/

/** What is wrong with a value that should be an {@link ApiKey}; `null` when nothing is. Never repeats what was given. */
export function keyFault (entry: unknown): string | null {
  if (!isObject(entry)) return 'must be an object'
  const { id, hash, label, scopes, expiresAt } = entry
  if (typeof id !== 'string' || id === '') return 'needs an "id"'
  if (typeof hash !== 'string' || !HASH.test(hash)) return 'needs a "hash": SHA-256 of the key in hex'
  if (label !== undefined && typeof label !== 'string') return '"label" must be a string'
  if (scopes !== undefined && !(Array.isArray(scopes) && scopes.every(one => typeof one === 'string' && SCOPE.test(one)))) {
    return '"scopes" must be a list of scopes'
  }
  if (expiresAt !== undefined && secondsOf(expiresAt) === null) return '"expiresAt" must be seconds since the epoch or an ISO 8601 date'
  return null
}

/** `entry` is one {@link keyFault} finds no fault with; `ring` names who vouches for it. */
export function keptKey (entry: unknown, ring: string): KeptKey {
  const { id, hash, label, scopes = [], expiresAt } = entry as Record<string, unknown>
  const seconds = secondsOf(expiresAt)
  const principal: KeptPrincipal = {
    kind: 'api-key',
    issuer: ring,
    subject: String(id),
    scopes: [...scopes as string[]],
    ...(seconds === null ? {} : { expiresAt: seconds }),
    ...(typeof label === 'string' ? { claims: { label } } : {})
  }
  return { digest: Buffer.from(String(hash), 'hex'), principal: frozen(principal) }
}

function secondsOf (value: unknown): number | null {
  const seconds = typeof value === 'string' ? Date.parse(value) / 1000 : value
  return typeof seconds === 'number' && Number.isFinite(seconds) && seconds > 0 ? seconds : null
}
