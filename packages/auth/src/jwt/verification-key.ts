/** A key that can verify, and only with the algorithms that are its own. */
import { createPublicKey, type JsonWebKey } from 'node:crypto'
import { isObject } from '@mcp/protocol'
import { createVerifier } from 'fast-jwt'
import { algorithmsFor, type JwtAlgorithm } from './algorithms.ts'

export interface VerificationKey {
  readonly kid: string | undefined
  readonly algorithms: readonly JwtAlgorithm[]
  /** Says whether a key that was here before still is. */
  readonly fingerprint: string
  /** Checks signature and registered claims. @throws a `TokenError` of fast-jwt */
  verify (token: string): unknown
}

/** What every token of one issuer has to fulfil. */
export interface TokenPolicy {
  readonly issuer: string
  readonly audiences: readonly string[]
  readonly algorithms: readonly JwtAlgorithm[]
  readonly skewSeconds: number
}

/** `null` when the key is not for signatures, too weak, private, or fits none of the algorithms allowed. */
export function keyFromJwk (jwk: unknown, policy: TokenPolicy): VerificationKey | null {
  if (!isObject(jwk) || (jwk.use !== undefined && jwk.use !== 'sig')) return null
  if (jwk.kty === 'oct' || 'd' in jwk) return null
  if (Array.isArray(jwk.key_ops) && !jwk.key_ops.includes('verify')) return null
  try {
    const pem = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' }).export({ type: 'spki', format: 'pem' }).toString()
    const named = typeof jwk.alg === 'string' ? jwk.alg : undefined
    return publicKey(pem, policy, typeof jwk.kid === 'string' ? jwk.kid : undefined, named)
  } catch {
    return null
  }
}

/** @throws When `pem` holds no public key. */
export function keyFromPem (pem: string, policy: TokenPolicy): VerificationKey | null {
  return publicKey(createPublicKey(pem).export({ type: 'spki', format: 'pem' }).toString(), policy, undefined, undefined)
}

export function keyFromSecret (secret: string, policy: TokenPolicy): VerificationKey {
  return { kid: undefined, algorithms: policy.algorithms, fingerprint: 'secret', verify: verifier(secret, policy.algorithms, policy) }
}

function publicKey (pem: string, policy: TokenPolicy, kid: string | undefined, named: string | undefined): VerificationKey | null {
  const fitting = algorithmsFor(createPublicKey(pem)).filter(one => policy.algorithms.includes(one) && (named ?? one) === one)
  if (fitting.length === 0) return null
  return { kid, algorithms: fitting, fingerprint: `${kid} ${pem}`, verify: verifier(pem, fitting, policy) }
}

function verifier (key: string, algorithms: readonly JwtAlgorithm[], policy: TokenPolicy): (token: string) => unknown {
  return createVerifier({
    key,
    algorithms: [...algorithms],
    allowedIss: policy.issuer,
    allowedAud: [...policy.audiences],
    requiredClaims: ['iss', 'aud', 'exp'],
    clockTolerance: policy.skewSeconds * 1000
  })
}
