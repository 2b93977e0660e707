/** Who may call, as `MCP_AUTH` and its companions say. */
import type { IntrospectionOptions, JwtOptions, McpAuthOptions } from '@mcp/auth'
import { itemsOf, type Variables } from './variables.ts'

export type AuthConfig =
  | { readonly mode: 'off' }
  | { readonly mode: 'api-key' | 'jwt' | 'introspection', readonly options: McpAuthOptions }

/** Every companion a mode needs has been checked. */
export function authFrom (variables: Variables): AuthConfig {
  const { MCP_AUTH: mode, MCP_API_KEYS_FILE: file, MCP_PUBLIC_URL: resource } = variables
  if (mode === 'off') return { mode }
  const apiKeys = file === undefined ? {} : { apiKeys: { file } }
  if (mode === 'api-key') return { mode, options: apiKeys }
  const tokens = mode === 'jwt' ? { jwt: jwtFrom(variables) } : { introspection: introspectionFrom(variables) }
  return { mode, options: { ...(resource !== undefined && { resource }), ...tokens, ...apiKeys, ...reach(variables) } }
}

function jwtFrom ({ MCP_JWT_ISSUER: issuer = '', MCP_JWT_AUDIENCE: audience, MCP_JWKS_URL: jwksUrl }: Variables): JwtOptions {
  return { issuer, ...(audience !== undefined && { audience }), ...(jwksUrl !== undefined && { jwksUrl }) }
}

function introspectionFrom (variables: Variables): IntrospectionOptions {
  const { MCP_JWT_AUDIENCE: audience } = variables
  return {
    url: variables.MCP_INTROSPECTION_URL ?? '',
    issuer: variables.MCP_INTROSPECTION_ISSUER ?? '',
    clientId: variables.MCP_INTROSPECTION_CLIENT_ID ?? '',
    clientSecret: variables.MCP_INTROSPECTION_CLIENT_SECRET ?? '',
    ...(audience !== undefined && { audience })
  }
}

/** Issuers on this machine may be asked where whoever runs the server named one, those in a private network where they are listed. */
function reach (variables: Variables): Pick<McpAuthOptions, 'outgoing'> {
  const { MCP_JWT_ISSUER, MCP_JWKS_URL, MCP_INTROSPECTION_URL, MCP_INTROSPECTION_ISSUER, MCP_PRIVATE_ISSUERS } = variables
  const local = [MCP_JWT_ISSUER, MCP_JWKS_URL, MCP_INTROSPECTION_URL, MCP_INTROSPECTION_ISSUER]
    .some(url => url !== undefined && /^https?:\/\/(?:localhost|127\.|\[::1\])/.test(url))
  const outgoing = {
    ...(local && { allowLoopback: true }),
    ...(MCP_PRIVATE_ISSUERS !== undefined && { allow: itemsOf(MCP_PRIVATE_ISSUERS) })
  }
  return Object.keys(outgoing).length === 0 ? {} : { outgoing }
}
