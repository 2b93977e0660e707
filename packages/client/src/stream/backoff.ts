/** How connections that break are taken up again. */
export interface ReconnectPolicy {
  /** First wait, milliseconds; each further one is twice as long, with jitter. Default 500. */
  readonly initialMs: number
  /** Longest wait between attempts, also when the server asks for more, milliseconds. Default 30 s. */
  readonly maxMs: number
  /** Attempts in a row that may bring nothing before giving up. Default 10. */
  readonly attempts: number
  /** A connection that lasted this long brought something, even in silence, milliseconds. Default 10 s. */
  readonly provenMs: number
}

export const RECONNECT: ReconnectPolicy = { initialMs: 500, maxMs: 30_000, attempts: 10, provenMs: 10_000 }

/** Shortest wait a server may ask for: 0 would be a busy loop. */
const FLOOR_MS = 10

/** Waits of one stream or queue, and the budget they come out of. */
export class Backoff {
  readonly #policy: ReconnectPolicy
  #attempts = 0

  constructor (policy: ReconnectPolicy) {
    this.#policy = policy
  }

  /**
   * Milliseconds to wait before the next attempt, or `undefined` when the budget is used up.
   * @param asked What the server asked for: it decides the first wait (I-14), and is the least later on.
   */
  next (asked?: number): number | undefined {
    const { initialMs, maxMs, attempts } = this.#policy
    if (this.#attempts >= attempts) return undefined
    const exponential = Math.min(maxMs, initialMs * 2 ** this.#attempts)
    const first = this.#attempts++ === 0
    if (asked === undefined) return exponential * (0.5 + Math.random() / 2)
    const wait = Math.min(maxMs, Math.max(FLOOR_MS, asked, first ? 0 : exponential / 2))
    return wait + Math.min(100, wait / 10) * Math.random()
  }

  /** The last attempt was the server's wish and does not count: it closed in order to be polled (I-15). */
  refund (): void {
    this.#attempts = Math.max(0, this.#attempts - 1)
  }

  reset (): void {
    this.#attempts = 0
  }
}

/** Milliseconds a `Retry-After` value asks for: seconds or a date (RFC 9110 §10.2.3). */
export function retryAfterMs (value: string | undefined, now = Date.now()): number | undefined {
  if (value === undefined) return undefined
  if (/^\s*\d+\s*$/.test(value)) return Number(value) * 1_000
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}
