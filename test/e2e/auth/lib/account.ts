import { Browser } from './browser.ts'
import type { OAuthClientInformationContext, OAuthClientMetadata, StoredOAuthClientInformation, StoredOAuthTokens, OAuthDiscoveryState } from '@modelcontextprotocol/client'

/** Where authorizations end; nothing listens there, the browser reads the address. */
const HOME = 'http://127.0.0.1:8976/callback'

export interface AccountOptions {
  /** Who signs in. */
  readonly login?: string
  /** The client identifies itself with this document where the issuer can read such. */
  readonly clientMetadataUrl?: string
  /** Without it the issuer gives no refresh token. By default true. */
  readonly refreshes?: boolean
}

/**
 * What a client application keeps for the SDK, and the browser it opens: all of an application's part in OAuth, with clients of both
 * generations.
 */
export class Account {
  readonly redirectUrl = HOME
  readonly clientMetadataUrl?: string
  readonly clientMetadata: OAuthClientMetadata
  readonly browser: Browser
  /** Addresses the browser was sent to. */
  readonly authorizations: URL[] = []
  stored: StoredOAuthTokens | undefined
  client: StoredOAuthClientInformation | undefined
  #verifier = ''
  #discovery: OAuthDiscoveryState | undefined
  #callback: URL | null = null

  constructor ({ login, clientMetadataUrl, refreshes = true }: AccountOptions = {}) {
    this.browser = new Browser(login)
    if (clientMetadataUrl !== undefined) this.clientMetadataUrl = clientMetadataUrl
    this.clientMetadata = {
      client_name: 'Test client',
      redirect_uris: [HOME],
      grant_types: ['authorization_code', ...(refreshes ? ['refresh_token'] : [])],
      response_types: ['code'],
      token_endpoint_auth_method: 'none'
    }
  }

  /** The token its next request will carry. */
  get accessToken (): string {
    return this.stored?.access_token ?? ''
  }

  /** Where the browser came back to; throws `error` when it was not sent anywhere since, and when it was not authorized. */
  takeCallback (error: unknown): URL {
    const callback = this.#callback
    this.#callback = null
    if (callback === null) throw error
    if (!callback.searchParams.has('code')) throw new Error(`not authorized: ${callback.search}`, { cause: error })
    return callback
  }

  clientInformation (): StoredOAuthClientInformation | undefined {
    return this.client
  }

  saveClientInformation (client: StoredOAuthClientInformation, _context?: OAuthClientInformationContext): void {
    this.client = client
  }

  tokens (): StoredOAuthTokens | undefined {
    return this.stored
  }

  saveTokens (tokens: StoredOAuthTokens, _context?: OAuthClientInformationContext): void {
    this.stored = tokens
  }

  async redirectToAuthorization (url: URL): Promise<void> {
    this.authorizations.push(url)
    this.#callback = await this.browser.visit(url, HOME)
  }

  saveCodeVerifier (verifier: string): void {
    this.#verifier = verifier
  }

  codeVerifier (): string {
    return this.#verifier
  }

  saveDiscoveryState (state: OAuthDiscoveryState): void {
    this.#discovery = state
  }

  discoveryState (): OAuthDiscoveryState | undefined {
    return this.#discovery
  }

  invalidateCredentials (what: string): void {
    if (what === 'all' || what === 'tokens') this.stored = undefined
    if (what === 'all' || what === 'client') this.client = undefined
    if (what === 'all' || what === 'discovery') this.#discovery = undefined
  }
}
