/** Signed tokens: verified once, then recognized by their hash for as long as their key is known (G-16, G-17). */
import { quote, type JsonObject } from '@mcp/protocol'
import { denied, frozen, proven, type KeptPrincipal, type Outcome } from '../authenticator.ts'
import type { Lru } from '../lru.ts'
import { tokenHash } from '../token.ts'
import { claimsOf, principalOf, typeFault } from './claims.ts'
import type { KeySource } from './key-source.ts'
import { INVALID_SIGNATURE, reasonOf } from './reason.ts'
import { unverified } from './unverified.ts'
import type { TokenPolicy, VerifiedToken, Verifier } from './verifier.ts'

export interface TrustedIssuer {
  readonly policy: TokenPolicy
  readonly keys: KeySource
  readonly requireAtJwt: boolean
  readonly scopeClaims: readonly string[]
  /** Tokens of this issuer that were verified, by hash. */
  readonly verified: Lru<KeptPrincipal>
}

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
    const claimed = unverified(token)
    if (claimed === null) return denied('the token is no JWT')
    const { header, payload } = claimed
    const issuer = typeof payload.iss === 'string' ? this.#issuers.get(payload.iss) : undefined
    if (issuer === undefined) return denied(`the issuer ${quote(payload.iss)} is not trusted`)
    const { alg, kid } = header
    if (typeof alg !== 'string' || !issuer.policy.algorithms.some(one => one === alg)) return denied(`the algorithm ${quote(alg)} is not allowed`)
    const name = typeof kid === 'string' ? kid : undefined
    const verifiers = issuer.keys.find(name, alg)
    const verify = (found: readonly Verifier[]): Outcome | Promise<Outcome> => {
      const outcome = verifiedBy(found, issuer, header, token, hash)
      if (outcome.kind === 'principal' || outcome.reason !== INVALID_SIGNATURE) return outcome
      // Where keys have no names, the one that signed may be newer than the set.
      const renewed = issuer.keys.renew(name, alg, found)
      return renewed === null ? outcome : renewed.then(late => late.length === 0 ? outcome : verifiedBy(late, issuer, header, token, hash))
    }
    return verifiers instanceof Promise ? verifiers.then(verify) : verify(verifiers)
  }

  async close (): Promise<void> {
    await Promise.all([...this.#issuers.values()].map(({ keys }) => keys.close()))
  }
}

function verifiedBy (verifiers: readonly Verifier[], issuer: TrustedIssuer, claimed: JsonObject, token: string, hash: string): Outcome {
  let reason = `no key of the issuer is named ${quote(claimed.kid)} and fits ${quote(claimed.alg)}`
  for (const verifier of verifiers) {
    try {
      return accepted(verifier.verify(token), issuer, token, hash)
    } catch (error) {
      reason = reasonOf(error)
    }
  }
  return denied(reason)
}

function accepted ({ header, payload }: VerifiedToken, issuer: TrustedIssuer, token: string, hash: string): Outcome {
  const claims = claimsOf(payload)
  if (payload.aud === undefined && issuer.policy.clients?.some(client => client === payload.client_id) !== true) return denied('the token names no audience')
  if (payload.aud !== undefined && issuer.policy.audiences.length === 0) return denied('the token is meant for another audience')
  if (claims === null) return denied('the token has no time of expiry')
  const fault = typeFault(header, claims, issuer.requireAtJwt)
  if (fault !== null) return fault
  const principal = principalOf('jwt', issuer.policy.issuer, claims, issuer.scopeClaims)
  if (principal === null) return denied('the token names neither subject nor client')
  const kept = frozen(principal)
  issuer.verified.set(hash, kept, ((kept.expiresAt ?? 0) + issuer.policy.skewSeconds) * 1000)
  return proven(kept, token)
}
