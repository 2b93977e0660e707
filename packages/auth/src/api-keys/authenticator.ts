import { denied, isExpired, proven, type KeptPrincipal, type Outcome } from '../authenticator.ts'
import type { KeyRing } from './key-ring.ts'

/** Answers a value unless the ring has to ask somebody. */
export class ApiKeyAuthenticator {
  readonly #ring: KeyRing

  constructor (ring: KeyRing) {
    this.#ring = ring
  }

  authenticate (key: string): Outcome | Promise<Outcome> {
    const found = this.#ring.find(key)
    return found instanceof Promise ? found.then(late => judged(late, key)) : judged(found, key)
  }
}

function judged (principal: KeptPrincipal | null, key: string): Outcome {
  if (principal === null) return denied('the API key is unknown')
  // Without tolerance: whoever keeps the keys keeps the clock.
  return isExpired(principal.expiresAt) ? denied('the API key has expired') : proven(principal, key)
}
