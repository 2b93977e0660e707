/** A value that is fetched from elsewhere, kept while it is fresh, and fetched by one at a time. */
import { MCP_AUTH_UNAVAILABLE } from './errors.ts'

export interface RefreshPolicy {
  /** Older than this, it is fetched again while the old one still serves; milliseconds. */
  readonly maxAgeMs: number
  /** Older than this, it serves no more; milliseconds. */
  readonly maxStaleMs: number
  /** Least time between a failed attempt and the next; milliseconds. */
  readonly retryMs: number
}

export class Refreshed<T> {
  readonly #load: () => Promise<T>
  readonly #policy: RefreshPolicy
  readonly #onError: (error: unknown) => void
  #value: { readonly current: T, readonly loadedAt: number } | undefined
  #attemptedAt = -Infinity
  #failed = false
  #pending: Promise<T> | undefined

  constructor (load: () => Promise<T>, policy: RefreshPolicy, onError: (error: unknown) => void) {
    this.#load = load
    this.#policy = policy
    this.#onError = onError
  }

  /** Whether {@link get} would answer without fetching anything. */
  get fresh (): boolean {
    return this.#value !== undefined && Date.now() - this.#value.loadedAt < this.#policy.maxAgeMs
  }

  /** A value where one is at hand. @throws `MCP_AUTH_UNAVAILABLE` */
  get (): T | Promise<T> {
    const now = Date.now()
    const age = this.#value === undefined ? Infinity : now - this.#value.loadedAt
    const rests = this.#failed && now - this.#attemptedAt < this.#policy.retryMs
    if (this.#value !== undefined && age < this.#policy.maxStaleMs) {
      // Who fails in the background was logged.
      if (age >= this.#policy.maxAgeMs && !rests) this.#fetch().catch(() => {})
      return this.#value.current
    }
    if (rests) throw new MCP_AUTH_UNAVAILABLE('the last attempt failed a moment ago')
    return this.#fetch()
  }

  /** Fetches it again, however fresh; `null` when somebody did within `cooldownMs`. @throws `MCP_AUTH_UNAVAILABLE` */
  renew (cooldownMs: number): Promise<T> | null {
    if (this.#pending !== undefined) return this.#pending
    const waited = Date.now() - this.#attemptedAt
    if (this.#failed && waited < this.#policy.retryMs) throw new MCP_AUTH_UNAVAILABLE('the last attempt failed a moment ago')
    return !this.#failed && waited < cooldownMs ? null : this.#fetch()
  }

  #fetch (): Promise<T> {
    this.#pending ??= this.#attempt().finally(() => { this.#pending = undefined })
    return this.#pending
  }

  async #attempt (): Promise<T> {
    this.#attemptedAt = Date.now()
    try {
      const current = await this.#load()
      this.#value = { current, loadedAt: Date.now() }
      this.#failed = false
      return current
    } catch (error) {
      this.#failed = true
      this.#attemptedAt = Date.now()
      this.#onError(error)
      throw new MCP_AUTH_UNAVAILABLE(error instanceof Error ? error.message : String(error))
    }
  }
}
