/** Signed tokens: verified once, then recognized by their hash for as long as their key is known (G-16, G-17). */
import { isObject, quote, type JsonObject } from '@mcp/protocol'
import { createDecoder } from 'fast-jwt'
import { denied, frozen, proven, type KeptPrincipal, type Outcome } from '../authenticator.ts'
import type { Lru } from '../lru.ts'
import { tokenHash } from '../token.ts'
import { claimsOf, principalOf, typeFault } from './claims.ts'
import type { KeySource } from './key-source.ts'
import { reasonOf } from './reason.ts'
import type { TokenPolicy, VerificationKey } from './verification-key.ts'

export interface TrustedIssuer {
  readonly policy: TokenPolicy
  readonly keys: KeySource
  readonly requireAtJwt: boolean
  readonly scopeClaims: readonly string[]
  /** Tokens of this issuer that were verified, by hash. */
  readonly verified: Lru<KeptPrincipal>
}

const decode = createDecoder({ complete: true })

export class JwtAuthenticator {
  readonly #issuers: ReadonlyMap<string, TrustedIssuer>

  constructor (issuers: readonly TrustedIssuer[]) {
    this.#issuers = new Map(issuers.map(issuer => [issuer.policy.issuer, issuer]))
  }

  authenticate (token: string): Outcome | Promise<Outcome> {
    const hash = tokenHash(token)
    for (const { keys, verified } of this.#issuers.values()) {
      const principal = keys.fresh ? verified.get(hash) : undefined
      if (principal !== undefined) return proven(principal, token)
    }
    return this.#examine(token, hash)
  }

  #examine (token: string, hash: string): Outcome | Promise<Outcome> {
    const decoded = parsed(token)
    if (decoded === null) return denied('the token is no JWT')
    const { header, payload } = decoded
    const issuer = typeof payload.iss === 'string' ? this.#issuers.get(payload.iss) : undefined
    if (issuer === undefined) return denied(`the issuer ${quote(payload.iss)} is not trusted`)
    const { alg, kid } = header
    if (typeof alg !== 'string' || !issuer.policy.algorithms.some(one => one === alg)) return denied(`the algorithm ${quote(alg)} is not allowed`)
    const keys = issuer.keys.find(typeof kid === 'string' ? kid : undefined, alg)
    const verify = (found: readonly VerificationKey[]): Outcome => verifiedBy(found, issuer, header, token, hash)
    return keys instanceof Promise ? keys.then(verify) : verify(keys)
  }
}

function verifiedBy (keys: readonly VerificationKey[], issuer: TrustedIssuer, header: JsonObject, token: string, hash: string): Outcome {
  let reason = `no key of the issuer is named ${quote(header.kid)} and fits ${quote(header.alg)}`
  for (const key of keys) {
    try {
      return accepted(key.verify(token), issuer, header, token, hash)
    } catch (error) {
      reason = reasonOf(error)
    }
  }
  return denied(reason)
}

function accepted (payload: unknown, issuer: TrustedIssuer, header: JsonObject, token: string, hash: string): Outcome {
  const claims = claimsOf(payload)
  if (claims === null) return denied('the token has no time of expiry')
  const fault = typeFault(header, claims, issuer.requireAtJwt)
  if (fault !== null) return fault
  const principal = principalOf('jwt', issuer.policy.issuer, claims, issuer.scopeClaims)
  if (principal === null) return denied('the token names neither subject nor client')
  const kept = frozen(principal)
  issuer.verified.set(hash, kept, ((kept.expiresAt ?? 0) + issuer.policy.skewSeconds) * 1000)
  return proven(kept, token)
}

function parsed (token: string): { header: JsonObject, payload: JsonObject } | null {
  try {
    const { header, payload } = decode(token)
    return isObject(header) && isObject(payload) ? { header, payload } : null
  } catch {
    return null
  }
}
