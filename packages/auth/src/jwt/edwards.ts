/**
 * The fully-specified names of EdDSA, which `@fastify/jwt` does not know: the signature and the registered claims of such a token.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9864#section-2.2
 */
import { createPublicKey, verify, type KeyObject } from 'node:crypto'
import { unverified } from './unverified.ts'
import type { TokenPolicy, VerifiedToken } from './verifier.ts'

export const EDWARDS = ['Ed25519', 'Ed448'] as const

export type Edwards = typeof EDWARDS[number]

export function isEdwards (algorithm: unknown): algorithm is Edwards {
  return EDWARDS.some(name => name === algorithm)
}

/** @throws an error with a code of fast-jwt, as for every other algorithm */
export function edwardsVerifier (pem: string, policy: TokenPolicy): (token: string) => VerifiedToken {
  const key = createPublicKey(pem)
  const algorithm = EDWARDS.find(name => name.toLowerCase() === key.asymmetricKeyType)
  return token => {
    const parts = unverified(token)
    if (parts === null) throw fault('FAST_JWT_MALFORMED')
    if (parts.header.alg !== algorithm) throw fault('FAST_JWT_INVALID_ALGORITHM')
    if ('crit' in parts.header) throw fault('FAST_JWT_INVALID_CRIT_HEADER')
    checkSignature(token, key)
    checkClaims(parts, policy)
    return parts
  }
}

function checkSignature (token: string, key: KeyObject): void {
  const end = token.lastIndexOf('.')
  const signature = token.slice(end + 1)
  if (signature === '') throw fault('FAST_JWT_MISSING_SIGNATURE')
  if (!verify(null, Buffer.from(token.slice(0, end)), key, Buffer.from(signature, 'base64url'))) throw fault('FAST_JWT_INVALID_SIGNATURE')
}

function checkClaims ({ payload }: VerifiedToken, { issuer, audiences, clients, skewSeconds }: TokenPolicy): void {
  const { iss, aud, exp, nbf } = payload
  if (iss === undefined || exp === undefined || (aud === undefined && clients === undefined)) throw fault('FAST_JWT_MISSING_REQUIRED_CLAIM')
  if (![exp, nbf ?? 0].every(Number.isFinite)) throw fault('FAST_JWT_INVALID_CLAIM_TYPE')
  const named: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  if (iss !== issuer) throw fault('FAST_JWT_INVALID_CLAIM_VALUE')
  if (aud !== undefined && !named.some(one => audiences.some(ours => ours === one))) throw fault('FAST_JWT_INVALID_CLAIM_VALUE')
  const now = Date.now()
  if (now >= (Number(exp) + skewSeconds) * 1000) throw fault('FAST_JWT_EXPIRED')
  if (now < (Number(nbf ?? 0) - skewSeconds) * 1000) throw fault('FAST_JWT_INACTIVE')
}

function fault (code: string): Error {
  return Object.assign(new Error('The token is not valid'), { code })
}
