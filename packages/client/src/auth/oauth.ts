import { MCP_CLIENT_UNAUTHORIZED } from '../errors.ts'
import type { AuthChallenge, ClientAuth } from './auth.ts'

/** The part of the official SDK's `OAuthClientProvider` that is used here. */
export interface OAuthProvider {
  tokens (): OAuthTokens | undefined | Promise<OAuthTokens | undefined>
}

interface OAuthTokens {
  readonly access_token: string
  readonly scope?: string | undefined
}

/** What `auth()` of the official SDK is given. */
export interface OAuthFlowOptions {
  serverUrl: URL
  authorizationCode?: string
  /** SDK 2.x: `iss` of the authorization response (RFC 9207). */
  iss?: string
  scope?: string
  resourceMetadataUrl?: URL
  /** SDK 2.x: a refresh cannot bring more scopes. SDK 1.x does not know it. */
  forceReauthorization?: boolean
  fetchFn?: (url: string | URL, init?: RequestInit) => Promise<Response>
}

/** `auth` of `@modelcontextprotocol/client` or of `@modelcontextprotocol/sdk/client/auth.js`. */
export type OAuthFlow<Provider> = (provider: Provider, options: OAuthFlowOptions) => Promise<'AUTHORIZED' | 'REDIRECT'>

export interface SdkAuth extends ClientAuth {
  /** Second half of an interactive flow: takes the code, and `iss` if there is one, that the authorization server sent back. */
  finish (serverUrl: URL, authorizationCode: string, iss?: string): Promise<void>
}

/**
 * The official SDK's OAuth flow as credentials of a client: `sdkAuth(provider, auth)`.
 * A flow that has to ask the user sends the user away and fails the request with MCP_CLIENT_UNAUTHORIZED; after `finish()` send it again.
 */
export function sdkAuth<Provider extends OAuthProvider> (
  provider: Provider, flow: OAuthFlow<Provider>, options: Pick<OAuthFlowOptions, 'fetchFn'> = {}
): SdkAuth {
  let wanted: string | undefined
  let resourceMetadataUrl: URL | undefined
  const run = async (given: OAuthFlowOptions): Promise<void> => {
    const metadata = resourceMetadataUrl === undefined ? {} : { resourceMetadataUrl }
    const scope = wanted === undefined ? {} : { scope: wanted }
    const result = await flow(provider, { ...options, ...metadata, ...scope, ...given })
    if (result !== 'AUTHORIZED') throw new MCP_CLIENT_UNAUTHORIZED('the user has to agree first')
  }
  return {
    token: async () => (await provider.tokens())?.access_token,
    onUnauthorized: async (challenge: AuthChallenge) => {
      if (challenge.resourceMetadata !== undefined) resourceMetadataUrl = metadataUrl(challenge.resourceMetadata)
      const granted = (await provider.tokens())?.scope
      // What was granted before is asked for again, so that a step up takes nothing away (G-48).
      wanted = union(wanted, challenge.status === 403 ? granted : undefined, challenge.scope)
      const widens = challenge.status === 403 && union(granted, wanted) !== union(granted)
      await run({ serverUrl: challenge.url, ...(widens && { forceReauthorization: true }) })
    },
    finish: (serverUrl, authorizationCode, iss) => run({ serverUrl, authorizationCode, ...(iss !== undefined && { iss }) })
  }
}

/** RFC 9728 wants an absolute URL. Without one, the flow asks at the well-known place. */
function metadataUrl (given: string): URL | undefined {
  if (!URL.canParse(given)) return undefined
  const url = new URL(given)
  return url.protocol === 'https:' || url.protocol === 'http:' ? url : undefined
}

function union (...scopes: ReadonlyArray<string | undefined>): string | undefined {
  const all = new Set(scopes.flatMap(scope => scope?.split(' ') ?? []).filter(scope => scope !== ''))
  return all.size === 0 ? undefined : [...all].join(' ')
}
