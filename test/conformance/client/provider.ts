import type { OAuthClientProvider, StoredOAuthClientInformation, StoredOAuthTokens } from '@modelcontextprotocol/client'

const REDIRECT = 'http://localhost:3000/callback'

/** A user who agrees to everything: the authorization endpoint is fetched, and its redirect read. */
export class AgreeingProvider implements OAuthClientProvider {
  readonly redirectUrl = REDIRECT
  readonly clientMetadataUrl = 'https://conformance-test.local/client-metadata.json'
  readonly clientMetadata = { client_name: 'conformance', redirect_uris: [REDIRECT], application_type: 'native' as const }
  /** What came back with the last redirect. */
  code = ''
  iss: string | undefined
  #client: StoredOAuthClientInformation | undefined
  #tokens: StoredOAuthTokens | undefined
  #verifier = ''

  constructor (client?: StoredOAuthClientInformation) {
    this.#client = client
  }

  clientInformation (): StoredOAuthClientInformation | undefined {
    return this.#client
  }

  saveClientInformation (client: StoredOAuthClientInformation): void {
    this.#client = client
  }

  tokens (): StoredOAuthTokens | undefined {
    return this.#tokens
  }

  saveTokens (tokens: StoredOAuthTokens): void {
    this.#tokens = tokens
  }

  saveCodeVerifier (verifier: string): void {
    this.#verifier = verifier
  }

  codeVerifier (): string {
    return this.#verifier
  }

  invalidateCredentials (scope: string): void {
    if (scope === 'all' || scope === 'tokens') this.#tokens = undefined
    if (scope === 'all' || scope === 'client') this.#client = undefined
  }

  async redirectToAuthorization (url: URL): Promise<void> {
    const location = (await fetch(url, { redirect: 'manual' })).headers.get('location')
    if (location === null) throw new Error(`no redirect from ${url.href}`)
    const { searchParams } = new URL(location)
    this.code = searchParams.get('code') ?? ''
    this.iss = searchParams.get('iss') ?? undefined
  }
}
