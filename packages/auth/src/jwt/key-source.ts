/** Where the keys of an issuer come from: given once, or fetched and rotated. */
import { isObject } from '@mcp/protocol'
import { MCP_AUTH_UNAVAILABLE } from '../errors.ts'
import type { Outgoing } from '../outgoing/index.ts'
import { Refreshed } from '../refreshed.ts'
import { keyFromJwk, type TokenPolicy, type VerificationKey } from './verification-key.ts'

export interface KeySource {
  /** Whether what was verified before still is, as far as we know. */
  readonly fresh: boolean
  /** The keys that may have signed; none when the key is unknown. @throws `MCP_AUTH_UNAVAILABLE` */
  find (kid: string | undefined, algorithm: string): readonly VerificationKey[] | Promise<readonly VerificationKey[]>
}

export class FixedKey implements KeySource {
  readonly fresh = true
  readonly #keys: readonly VerificationKey[]

  constructor (key: VerificationKey) {
    this.#keys = [key]
  }

  find (kid: string | undefined, algorithm: string): readonly VerificationKey[] {
    return fitting(this.#keys, kid, algorithm)
  }
}

/** Nobody has more keys, but for an attack. */
const MOST_KEYS = 100
/** Verifications for one token that names no key. */
const MOST_TRIES = 5
const MAX_STALE_MS = 3_600_000
const RETRY_MS = 5000

export interface RemoteKeysOptions {
  readonly maxAgeMs: number
  /** Least time between two fetches for the sake of a key nobody knows; milliseconds. */
  readonly cooldownMs: number
  /** Called when a key is gone: what it verified is worth nothing any more. */
  onRemoved (): void
  onError (error: unknown): void
}

export class RemoteKeys implements KeySource {
  readonly #keys: Refreshed<readonly VerificationKey[]>
  readonly #options: RemoteKeysOptions
  #known: readonly VerificationKey[] = []

  /** `url` may have to be looked up first; `again` after the last attempt failed. */
  constructor (outgoing: Outgoing, url: (again: boolean) => string | Promise<string>, policy: TokenPolicy, options: RemoteKeysOptions) {
    this.#options = options
    let again = false
    const load = async (): Promise<readonly VerificationKey[]> => {
      const from = url(again)
      again = true
      const keys = await fetchKeys(outgoing, await from, policy)
      again = false
      return this.#accept(keys)
    }
    this.#keys = new Refreshed(load, { maxAgeMs: options.maxAgeMs, maxStaleMs: MAX_STALE_MS, retryMs: RETRY_MS }, options.onError)
  }

  get fresh (): boolean {
    return this.#keys.fresh
  }

  find (kid: string | undefined, algorithm: string): readonly VerificationKey[] | Promise<readonly VerificationKey[]> {
    const keys = this.#keys.get()
    return keys instanceof Promise ? keys.then(late => fitting(late, kid, algorithm)) : this.#among(keys, kid, algorithm)
  }

  /** A key nobody knows may be a new one: the set is fetched again, but not for every token that names one. */
  #among (
    keys: readonly VerificationKey[], kid: string | undefined, algorithm: string
  ): readonly VerificationKey[] | Promise<readonly VerificationKey[]> {
    const found = fitting(keys, kid, algorithm)
    if (found.length > 0) return found
    const renewed = this.#keys.renew(this.#options.cooldownMs)
    return renewed === null ? found : renewed.then(late => fitting(late, kid, algorithm))
  }

  #accept (keys: readonly VerificationKey[]): readonly VerificationKey[] {
    const present = new Set(keys.map(({ fingerprint }) => fingerprint))
    if (this.#known.some(({ fingerprint }) => !present.has(fingerprint))) this.#options.onRemoved()
    this.#known = keys
    return keys
  }
}

async function fetchKeys (outgoing: Outgoing, url: string, policy: TokenPolicy): Promise<readonly VerificationKey[]> {
  const { status, text } = await outgoing.request(url, { headers: { accept: 'application/json, application/jwk-set+json' } })
  if (status !== 200) throw new MCP_AUTH_UNAVAILABLE(`the key set answered ${status}`)
  const body: unknown = JSON.parse(text)
  if (!isObject(body) || !Array.isArray(body.keys)) throw new MCP_AUTH_UNAVAILABLE('the key set has no "keys"')
  return body.keys.slice(0, MOST_KEYS).map(jwk => keyFromJwk(jwk, policy)).filter(key => key !== null)
}

function fitting (keys: readonly VerificationKey[], kid: string | undefined, algorithm: string): readonly VerificationKey[] {
  const named = kid === undefined ? keys : keys.filter(key => key.kid === undefined || key.kid === kid)
  return named.filter(key => key.algorithms.some(one => one === algorithm)).slice(0, MOST_TRIES)
}
