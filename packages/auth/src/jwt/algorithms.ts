/** Signature algorithms, and the keys each goes with: what keeps a public key from being taken for a secret (G-17). */
import type { KeyObject } from 'node:crypto'

export const ASYMMETRIC = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519', 'Ed448'] as const
export const SYMMETRIC = ['HS256', 'HS384', 'HS512'] as const

export type JwtAlgorithm = typeof ASYMMETRIC[number] | typeof SYMMETRIC[number]

const RSA: readonly JwtAlgorithm[] = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']
const CURVES: Readonly<Record<string, JwtAlgorithm>> = { prime256v1: 'ES256', secp384r1: 'ES384', secp521r1: 'ES512' }

/** RFC 7518 §3.3: smaller RSA keys must not be used. */
const LEAST_RSA_BITS = 2048

/** What a public key may verify; nothing when it is too weak or of a kind we do not know. */
export function algorithmsFor (key: KeyObject): readonly JwtAlgorithm[] {
  const { asymmetricKeyType, asymmetricKeyDetails } = key
  switch (asymmetricKeyType) {
    case 'rsa':
      return (asymmetricKeyDetails?.modulusLength ?? 0) >= LEAST_RSA_BITS ? RSA : []
    case 'ec': {
      const algorithm = CURVES[asymmetricKeyDetails?.namedCurve ?? '']
      return algorithm === undefined ? [] : [algorithm]
    }
    case 'ed25519':
      return ['EdDSA', 'Ed25519']
    case 'ed448':
      return ['EdDSA', 'Ed448']
    default:
      return []
  }
}
