/** What JWT libraries throw about a token, as opposed to what they throw about a key, an option or the network. */
import { isTokenFault } from './jwt/reason.ts'

/** Of `jsonwebtoken`, by name. */
const JSONWEBTOKEN = new Set(['JsonWebTokenError', 'TokenExpiredError', 'NotBeforeError'])
/** Of `jose`. */
const JOSE = new Set([
  'ERR_JWT_CLAIM_VALIDATION_FAILED', 'ERR_JWT_EXPIRED', 'ERR_JWT_INVALID', 'ERR_JWS_INVALID', 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
  'ERR_JWE_INVALID', 'ERR_JWE_DECRYPTION_FAILED', 'ERR_JOSE_ALG_NOT_ALLOWED', 'ERR_JWKS_NO_MATCHING_KEY'
])

export function isAboutToken (error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (Reflect.get(error, 'statusCode') === 401 || Reflect.get(error, 'status') === 401) return true
  return JSONWEBTOKEN.has(error.name) || JOSE.has(String(Reflect.get(error, 'code'))) || isTokenFault(error)
}
