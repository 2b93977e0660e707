/**
 * Keys that were let in lately. A caller shows the same one with each request, and hashing it would cost more than all else that is done
 * for it: OpenSSL is fast in a loop, but once per request its code is in no cache of the processor.
 */
import type { KeptPrincipal } from '../authenticator.ts'

const AT_MOST = 8
/** What is longer is hashed each time. */
const LONGEST = 256

interface Recent {
  readonly key: string
  readonly principal: KeptPrincipal
}

export class RecentKeys {
  readonly #keys: Recent[] = []
  #oldest = 0

  /** Each is compared, in a time that tells nothing of any of them but its length. */
  find (key: string): KeptPrincipal | null {
    let found: KeptPrincipal | null = null
    for (const recent of this.#keys) {
      if (sameText(recent.key, key)) found = recent.principal
    }
    return found
  }

  add (key: string, principal: KeptPrincipal): void {
    if (key.length > LONGEST) return
    this.#keys[this.#oldest] = { key, principal }
    this.#oldest = (this.#oldest + 1) % AT_MOST
  }

  /** Other keys count from now on. */
  clear (): void {
    this.#keys.length = 0
    this.#oldest = 0
  }
}

/** In the same time wherever texts of one length differ. */
function sameText (one: string, other: string): boolean {
  let difference = one.length ^ other.length
  for (let i = 0; i < one.length; i++) difference |= one.charCodeAt(i) ^ other.charCodeAt(i)
  return difference === 0
}
