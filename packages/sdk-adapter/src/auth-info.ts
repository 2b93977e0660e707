import type { Principal } from '@mcp/protocol'

/** What both SDK generations call `AuthInfo`. */
export interface SdkAuthInfo {
  token: string
  clientId: string
  scopes: string[]
  /** Seconds since the epoch. */
  expiresAt?: number
  resource?: URL
  extra?: Record<string, unknown>
}

/** The principal in the words of the SDK; `undefined` when nobody was authenticated. */
export function authInfoOf (principal: Principal | null): SdkAuthInfo | undefined {
  if (principal === null) return undefined
  const info: SdkAuthInfo = {
    token: principal.token ?? '',
    clientId: principal.clientId ?? principal.subject,
    scopes: [...principal.scopes]
  }
  if (principal.expiresAt !== undefined) info.expiresAt = principal.expiresAt
  if (principal.claims !== undefined) {
    info.extra = { ...principal.claims }
    const resource = resourceOf(principal.claims.aud)
    if (resource !== undefined) info.resource = resource
  }
  return info
}

/** The RFC 8707 resource a token is for is its audience, where that is one URL. */
function resourceOf (audience: unknown): URL | undefined {
  const only = Array.isArray(audience) && audience.length === 1 ? audience[0] : audience
  return typeof only === 'string' && URL.canParse(only) ? new URL(only) : undefined
}
