/** Where the keys of an issuer come from: given once, or fetched and rotated. */
import type { Verifier } from './verifier.ts'

/** Verifications for one token that names no key. */
const MOST_TRIES = 5

export interface KeySource {
  /** Whether what was verified before still is, as far as we know. */
  readonly fresh: boolean
  /** Those of keys that may have signed; none when the key is unknown. @throws `MCP_AUTH_UNAVAILABLE` */
  find (kid: string | undefined, algorithm: string): readonly Verifier[] | Promise<readonly Verifier[]>
  /**
   * Keys that came since and may have signed, after `tried` did not; `null` where names tell that there are none, or the set was
   * fetched a moment ago. @throws `MCP_AUTH_UNAVAILABLE`
   */
  renew (kid: string | undefined, algorithm: string, tried: readonly Verifier[]): Promise<readonly Verifier[]> | null
  close (): Promise<void>
}

export class FixedKey implements KeySource {
  readonly fresh = true
  readonly #verifier: Verifier

  constructor (verifier: Verifier) {
    this.#verifier = verifier
  }

  find (kid: string | undefined, algorithm: string): readonly Verifier[] {
    return fitting([this.#verifier], kid, algorithm)
  }

  renew (): null {
    return null
  }

  close (): Promise<void> {
    return this.#verifier.close()
  }
}

/** Those of the keys that may have signed. */
export function fitting (verifiers: readonly Verifier[], kid: string | undefined, algorithm: string): readonly Verifier[] {
  return verifiers
    .filter(({ key }) => (kid === undefined || key.kid === undefined || key.kid === kid) && key.algorithms.some(one => one === algorithm))
    .slice(0, MOST_TRIES)
}
