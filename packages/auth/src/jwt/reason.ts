/** Why fast-jwt turned a token away, in our own words: its messages may repeat what the token says. */
export const INVALID_SIGNATURE = 'the signature is invalid'

const REASONS: Readonly<Record<string, string>> = {
  FAST_JWT_INVALID_ALGORITHM: 'the algorithm is not allowed',
  FAST_JWT_INVALID_SIGNATURE: INVALID_SIGNATURE,
  FAST_JWT_MISSING_SIGNATURE: 'the token is not signed',
  FAST_JWT_EXPIRED: 'the token has expired',
  FAST_JWT_INACTIVE: 'the token is not valid yet',
  FAST_JWT_INVALID_CLAIM_VALUE: 'the token is meant for another audience',
  FAST_JWT_INVALID_CLAIM_TYPE: 'a claim of the token has the wrong type',
  FAST_JWT_MISSING_REQUIRED_CLAIM: 'the token lacks one of the claims iss, aud, exp',
  FAST_JWT_INVALID_CRIT_HEADER: 'the token demands an extension we do not know',
  FAST_JWT_MALFORMED: 'the token is no JWT',
  FAST_JWT_INVALID_PAYLOAD: 'the token is no JWT',
  FAST_JWT_VERIFY_ERROR: 'the signature cannot be verified',
  FAST_JWT_INVALID_KEY: 'the key does not fit the token'
}

/** @throws What is no verdict about a token. */
export function reasonOf (error: unknown): string {
  const reason = REASONS[String(Reflect.get(Object(error), 'code'))]
  if (reason === undefined) throw error
  return reason
}

/** Whether an error of fast-jwt is about a token, not about a key or an option. */
export function isTokenFault (error: unknown): boolean {
  const code = String(Reflect.get(Object(error), 'code'))
  return code !== 'FAST_JWT_INVALID_KEY' && Object.hasOwn(REASONS, code)
}
