import type { Challenge } from './challenge.ts'

/** Why a server did not accept a request, and what it wants. */
export interface AuthChallenge {
  /** 401: no or no valid credentials. 403: valid ones that may not do this. */
  readonly status: 401 | 403
  /** The server's URL: whose metadata to look up, and what a token has to be for. */
  readonly url: URL
  readonly challenges: readonly Challenge[]
  /** `error` of the bearer challenge, such as `invalid_token` or `insufficient_scope`. */
  readonly error: string | undefined
  /** Scopes the server asks for, separated by spaces. */
  readonly scope: string | undefined
  /** Where the server's protected-resource metadata is (RFC 9728). */
  readonly resourceMetadata: string | undefined
}

/** Where bearer tokens come from. */
export interface ClientAuth {
  /** The token to send; asked before every request. */
  token (): string | undefined | Promise<string | undefined>
  /**
   * Gets a better token, so that the next `token()` returns it. Runs once for any number of requests that were refused at the same
   * time. Each of them is then sent once more. When it throws, they fail with what it threw.
   */
  onUnauthorized? (challenge: AuthChallenge): void | Promise<void>
  /** How often one request may ask for more scopes (403 `insufficient_scope`). Default 1. */
  readonly stepUps?: number
}
