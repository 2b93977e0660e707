/** A key that may verify, and only with the algorithms that are its own. */
import { createPublicKey, type JsonWebKey } from 'node:crypto'
import { isObject } from '@mcp/protocol'
import { algorithmsFor, type JwtAlgorithm } from './algorithms.ts'

export interface VerificationKey {
  readonly kid: string | undefined
  readonly algorithms: readonly JwtAlgorithm[]
  /** A public key in PEM, or a secret. */
  readonly material: string
  /** Says whether a key that was here before still is, as it was. */
  readonly fingerprint: string
}

/** `null` when the key is not for signatures, too weak, private, or fits none of the algorithms allowed. */
export function keyFromJwk (jwk: unknown, allowed: readonly JwtAlgorithm[]): VerificationKey | null {
  if (!isObject(jwk) || (jwk.use !== undefined && jwk.use !== 'sig')) return null
  if (jwk.kty === 'oct' || 'd' in jwk) return null
  if (Array.isArray(jwk.key_ops) && !jwk.key_ops.includes('verify')) return null
  try {
    const pem = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' }).export({ type: 'spki', format: 'pem' }).toString()
    const named = typeof jwk.alg === 'string' ? jwk.alg : undefined
    return publicKey(pem, allowed, typeof jwk.kid === 'string' ? jwk.kid : undefined, named)
  } catch {
    return null
  }
}

/** @throws When `pem` holds no public key. */
export function keyFromPem (pem: string, allowed: readonly JwtAlgorithm[]): VerificationKey | null {
  return publicKey(createPublicKey(pem).export({ type: 'spki', format: 'pem' }).toString(), allowed, undefined, undefined)
}

export function keyFromSecret (secret: string, allowed: readonly JwtAlgorithm[]): VerificationKey {
  return { kid: undefined, algorithms: allowed, material: secret, fingerprint: 'secret' }
}

/** `EdDSA` and the fully-specified name of the key's curve are the same algorithm (RFC 9864). */
function namesSame (named: string, algorithm: JwtAlgorithm): boolean {
  return named === algorithm || (named.startsWith('Ed') && algorithm.startsWith('Ed'))
}

function publicKey (
  pem: string, allowed: readonly JwtAlgorithm[], kid: string | undefined, named: string | undefined
): VerificationKey | null {
  const algorithms = algorithmsFor(createPublicKey(pem))
    .filter(one => allowed.includes(one) && (named === undefined || namesSame(named, one)))
  if (algorithms.length === 0) return null
  return { kid, algorithms, material: pem, fingerprint: JSON.stringify([kid, algorithms, pem]) }
}
