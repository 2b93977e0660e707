/** From the claims of a verified token to a principal, or why it is no access token for us. */
import { isObject, quote, type JsonObject } from '@mcp/protocol'
import { bindingFault, kindFault } from '../access-token.ts'
import { denied, type Denial, type KeptPrincipal } from '../authenticator.ts'

/** Whether header and claims are those of an access token that may be shown as `Bearer` (RFC 9068, RFC 8725 §3.11). */
export function typeFault (header: JsonObject, claims: JsonObject, requireAtJwt: boolean): Denial | null {
  const type = header.typ === undefined ? undefined : String(header.typ).toLowerCase().replace(/^application\//, '')
  const bound = bindingFault(claims)
  if (bound !== null) return bound
  if (type === 'at+jwt') return null
  if (requireAtJwt) return denied(`the token must be of type at+jwt, got ${quote(header.typ)}`)
  if (type !== undefined && type !== 'jwt') return denied(`a token of type ${quote(header.typ)} is no access token`)
  return kindFault(claims)
}

/** `null` when nobody is named. */
export function principalOf (kind: string, issuer: string, claims: JsonObject, scopeClaims: readonly string[]): KeptPrincipal | null {
  const clientId = text(claims.client_id) ?? text(claims.azp) ?? text(claims.cid) ?? text(claims.appid)
  const subject = text(claims.sub) ?? text(claims.username) ?? clientId
  if (subject === undefined) return null
  return {
    kind,
    issuer,
    subject,
    ...(clientId === undefined ? {} : { clientId }),
    scopes: scopesOf(claims, scopeClaims),
    ...(typeof claims.exp === 'number' ? { expiresAt: claims.exp } : {}),
    claims
  }
}

/** Of all these claims together, each a list or a string with spaces between. */
function scopesOf (claims: JsonObject, names: readonly string[]): string[] {
  const found = names.flatMap(name => {
    const value = claims[name]
    return typeof value === 'string' ? value.split(' ') : Array.isArray(value) ? value.filter(one => typeof one === 'string') : []
  })
  return [...new Set(found)].filter(scope => scope !== '')
}

function text (value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** The claims as an object, where they are one and `exp` is a time. */
export function claimsOf (payload: unknown): JsonObject | null {
  return isObject(payload) && Number.isFinite(payload.exp) ? payload : null
}
