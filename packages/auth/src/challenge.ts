/**
 * `WWW-Authenticate` as clients parse it (G-5…G-8, G-27).
 *
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-3
 * @see https://www.rfc-editor.org/rfc/rfc9728#section-5.1
 */

export interface ChallengeParts {
  /** Absolute URL of the resource metadata; absent where OAuth is not in use, and then `realm` is named. */
  readonly resourceMetadata: string | undefined
  readonly realm: string
  /** Scopes to ask for at first. */
  readonly scopes: readonly string[]
}

export type BearerError = 'invalid_request' | 'invalid_token' | 'insufficient_scope'

export class Challenges {
  readonly #parts: ChallengeParts
  /** Nothing was sent, so nothing is wrong with it: without `error`. */
  readonly missing: string

  constructor (parts: ChallengeParts) {
    this.#parts = parts
    this.missing = this.#format(parts.scopes)
  }

  invalidToken (description: string): string {
    return this.#format(this.#parts.scopes, 'invalid_token', description)
  }

  invalidRequest (description: string): string {
    return this.#format([], 'invalid_request', description)
  }

  /** `scopes`: all the operation needs, also those the caller has, so that one step-up is enough (G-8). */
  insufficientScope (scopes: readonly string[]): string {
    return this.#format(scopes, 'insufficient_scope', 'The operation needs more scopes')
  }

  #format (scopes: readonly string[], error?: BearerError, description?: string): string {
    const { resourceMetadata, realm } = this.#parts
    const parameters = [
      resourceMetadata === undefined ? parameter('realm', realm) : parameter('resource_metadata', resourceMetadata)
    ]
    if (scopes.length > 0) parameters.push(parameter('scope', scopes.join(' ')))
    if (error !== undefined) parameters.push(parameter('error', error))
    if (description !== undefined) parameters.push(parameter('error_description', description))
    return `Bearer ${parameters.join(', ')}`
  }
}

/** `name="value"` with the value as a quoted-string of printable ASCII. */
export function parameter (name: string, value: string): string {
  return `${name}="${value.replaceAll(/[^\x20-\x7e]/g, '?').replaceAll(/["\\]/g, '\\$&')}"`
}
