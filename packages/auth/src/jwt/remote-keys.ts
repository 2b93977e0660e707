/** The key set of an issuer: fetched when it is needed, fetched again when it may have changed. */
import { isObject } from '@mcp/protocol'
import { MCP_AUTH_UNAVAILABLE } from '../errors.ts'
import type { Outgoing } from '../outgoing/index.ts'
import { Refreshed } from '../refreshed.ts'
import { fitting, type KeySource } from './key-source.ts'
import { keyFromJwk, type VerificationKey } from './verification-key.ts'
import { openVerifier, type TokenPolicy, type Verifier } from './verifier.ts'

/** Nobody has more keys, but for an attack. */
const MOST_KEYS = 64
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
  readonly #keys: Refreshed<readonly Verifier[]>
  readonly #policy: TokenPolicy
  readonly #options: RemoteKeysOptions
  #known: readonly Verifier[] = []

  /** `url` may have to be looked up first; `again` after the last attempt failed. */
  constructor (outgoing: Outgoing, url: (again: boolean) => string | Promise<string>, policy: TokenPolicy, options: RemoteKeysOptions) {
    this.#policy = policy
    this.#options = options
    let again = false
    const load = async (): Promise<readonly Verifier[]> => {
      const from = url(again)
      again = true
      const keys = await fetchKeys(outgoing, await from, policy)
      again = false
      return await this.#accept(keys)
    }
    this.#keys = new Refreshed(load, { maxAgeMs: options.maxAgeMs, maxStaleMs: MAX_STALE_MS, retryMs: RETRY_MS }, options.onError)
  }

  get fresh (): boolean {
    return this.#keys.fresh
  }

  find (kid: string | undefined, algorithm: string): readonly Verifier[] | Promise<readonly Verifier[]> {
    const found = this.#keys.get()
    return found instanceof Promise ? found.then(late => fitting(late, kid, algorithm)) : this.#among(found, kid, algorithm)
  }

  renew (kid: string | undefined, algorithm: string, tried: readonly Verifier[]): Promise<readonly Verifier[]> | null {
    if (kid !== undefined && tried.every(({ key }) => key.kid === kid)) return null
    const renewed = this.#keys.renew(this.#options.cooldownMs)
    return renewed === null ? null : renewed.then(late => fitting(late, kid, algorithm).filter(verifier => !tried.includes(verifier)))
  }

  async close (): Promise<void> {
    await Promise.all(this.#known.map(verifier => verifier.close()))
  }

  /** A key nobody knows may be a new one: the set is fetched again, but not for every token that names one. */
  #among (known: readonly Verifier[], kid: string | undefined, algorithm: string): readonly Verifier[] | Promise<readonly Verifier[]> {
    const found = fitting(known, kid, algorithm)
    if (found.length > 0) return found
    const renewed = this.#keys.renew(this.#options.cooldownMs)
    return renewed === null ? found : renewed.then(late => fitting(late, kid, algorithm))
  }

  /** A key that was there before keeps its verifier. */
  async #accept (keys: readonly VerificationKey[]): Promise<readonly Verifier[]> {
    const before = new Map(this.#known.map(verifier => [verifier.key.fingerprint, verifier]))
    const opened = await Promise.all(keys.map(key => before.get(key.fingerprint) ?? this.#open(key)))
    this.#known = opened.filter(verifier => verifier !== null)
    for (const verifier of this.#known) before.delete(verifier.key.fingerprint)
    if (before.size > 0) this.#options.onRemoved()
    // Nobody waits for this: until the new set is in its place, the old keys verify.
    for (const gone of before.values()) gone.close().catch(this.#options.onError)
    return this.#known
  }

  /** A key that cannot be used is left out and reported, and the others serve. */
  #open (key: VerificationKey): Promise<Verifier | null> {
    return openVerifier(key, this.#policy).catch((error: unknown) => {
      this.#options.onError(error)
      return null
    })
  }
}

async function fetchKeys (outgoing: Outgoing, url: string, { algorithms }: TokenPolicy): Promise<readonly VerificationKey[]> {
  const { status, text } = await outgoing.request(url, { headers: { accept: 'application/json, application/jwk-set+json' } })
  if (status !== 200) throw new MCP_AUTH_UNAVAILABLE(`the key set answered ${status}`)
  const body: unknown = JSON.parse(text)
  if (!isObject(body) || !Array.isArray(body.keys)) throw new MCP_AUTH_UNAVAILABLE('the key set has no "keys"')
  const keys = body.keys.slice(0, MOST_KEYS).map(jwk => keyFromJwk(jwk, algorithms)).filter(key => key !== null)
  return [...new Map(keys.map(key => [key.fingerprint, key])).values()]
}
