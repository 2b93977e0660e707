/** What an introspection response means (RFC 7662 §2.2). */
import { isObject, quote, type JsonObject } from '@mcp/protocol'
import { bindingFault, kindFault } from '../access-token.ts'
import { denied, isExpired, type Denial, type KeptPrincipal } from '../authenticator.ts'
import { MCP_AUTH_UNAVAILABLE } from '../errors.ts'
import { principalOf } from '../jwt/claims.ts'
import type { OutgoingResponse } from '../outgoing/index.ts'

export interface IntrospectionPolicy {
  readonly issuer: string
  readonly audiences: readonly string[]
  readonly skewSeconds: number
  readonly scopeClaims: readonly string[]
}

/** @throws `MCP_AUTH_UNAVAILABLE` when this is no introspection response: nobody knows what the token is worth then. */
export function introspectionBody ({ status, text }: OutgoingResponse): JsonObject {
  if (status !== 200) throw new MCP_AUTH_UNAVAILABLE(`introspection answered ${status}`)
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    body = undefined
  }
  if (!isObject(body) || typeof body.active !== 'boolean') throw new MCP_AUTH_UNAVAILABLE('introspection answered no JSON object with "active"')
  // A server that leaves members out by `null` says nothing with them.
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null))
}

export function judgeIntrospection (body: JsonObject, policy: IntrospectionPolicy): KeptPrincipal | Denial {
  if (body.active !== true) return denied('the token is not active')
  return fault(body, policy) ??
    principalOf('introspection', policy.issuer, body, policy.scopeClaims) ?? denied('the token names neither subject nor client')
}

function fault (body: JsonObject, policy: IntrospectionPolicy): Denial | null {
  const { iss, aud, exp, nbf, token_type: type } = body
  if (iss !== undefined && iss !== policy.issuer) return denied(`the issuer ${quote(iss)} is not trusted`)
  const audiences: unknown[] = Array.isArray(aud) ? aud : [aud]
  if (!audiences.some(one => policy.audiences.some(ours => ours === one))) return denied('the token is meant for another audience')
  if ([exp, nbf].some(time => time !== undefined && !Number.isFinite(time))) return denied('a claim of the token has the wrong type')
  if (typeof exp === 'number' && isExpired(exp, policy.skewSeconds)) return denied('the token has expired')
  if (typeof nbf === 'number' && Date.now() < (nbf - policy.skewSeconds) * 1000) return denied('the token is not valid yet')
  const bound = bindingFault(body)
  if (bound !== null) return bound
  const bearer = type === undefined || (typeof type === 'string' && ['bearer', 'access_token', 'access'].includes(type.toLowerCase()))
  return bearer ? kindFault(body) : denied(`a token of type ${quote(type)} is no access token`)
}
