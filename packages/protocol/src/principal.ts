/** Who is calling, normalized from whatever credential was shown. */
export interface Principal {
  /** How the caller proved it. */
  readonly kind: string
  /** Who vouches for the caller: an OAuth issuer, or the name of a key ring. */
  readonly issuer: string
  /** The caller at that issuer: an OAuth subject or an API key's id. */
  readonly subject: string
  readonly clientId?: string
  readonly scopes: readonly string[]
  /** Seconds since the epoch; absent when the credential does not expire. */
  readonly expiresAt?: number
  readonly claims?: Readonly<Record<string, unknown>>
  /** The credential itself, for applications whose SDK hands it on. Never logged, never stored. */
  readonly token?: string
}

/**
 * The stable identity sessions and streams are bound to. It holds no token bytes, so a refreshed token keeps the
 * session (D-15); each part is told with its length, so no part can imitate another.
 */
export function principalKey (principal: Principal | null): string {
  if (principal === null) return ''
  const { kind, issuer, subject, clientId } = principal
  const key = `${kind.length}:${kind} ${issuer.length}:${issuer} ${subject.length}:${subject}`
  return clientId === undefined ? key : `${key} ${clientId.length}:${clientId}`
}
