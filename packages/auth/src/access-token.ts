/** Whether claims are those of an access token: one check for signed tokens and for answers of introspection (RFC 9068, RFC 8725 §3.11). */
import type { JsonObject } from '@mcp/protocol'
import { denied, type Denial } from './authenticator.ts'

/** What access tokens say of themselves in `typ` (Keycloak), `token_use` (Cognito) and `token_type`. */
const ACCESS = new Set(['access', 'access_token', 'bearer', 'jwt', 'at+jwt'])
/** The claim `type` means many things; these alone say that a token is another one. */
const OTHER = new Set(['refresh', 'refresh_token', 'id', 'id_token', 'offline'])

/** Why a token with these claims must not be shown as `Bearer`, or `null`. A member that is `null` counts as absent. */
export function bindingFault (claims: JsonObject): Denial | null {
  return isGiven(claims.cnf) ? denied('the token is bound to a key of its holder and must not be shown as Bearer') : null
}

export function kindFault (claims: JsonObject): Denial | null {
  return isIdToken(claims) || isOtherToken(claims) ? denied('the token is no access token') : null
}

/** OpenID Connect gives ID tokens no type, only claims that access tokens do not have. */
function isIdToken (claims: JsonObject): boolean {
  if (isGiven(claims.at_hash) || isGiven(claims.c_hash) || isGiven(claims.s_hash)) return true
  // Keycloak used to put the nonce into access tokens too, and says by `typ` which they are.
  return isGiven(claims.nonce) && claims.typ !== 'Bearer' && !isGiven(claims.scope) && !isGiven(claims.scp)
}

function isOtherToken ({ typ, token_use: use, token_type: tokenType, type, events }: JsonObject): boolean {
  if (isGiven(events)) return true
  if ([typ, use, tokenType].some(kind => isGiven(kind) && !ACCESS.has(String(kind).toLowerCase().replace(/^application\//, '')))) return true
  return typeof type === 'string' && OTHER.has(type.toLowerCase())
}

function isGiven (value: unknown): boolean {
  return value !== undefined && value !== null
}
