/** Longest delay a Node timer takes. */
const MAX_DELAY_MS = 2 ** 31 - 1

export interface IdleLimits {
  /** How long something may stay idle, in milliseconds; `Infinity` for ever. */
  readonly idleMs: number
  /** How many may be idle at a time. */
  readonly max: number
}

/** Remembers what is idle, oldest first, and gives up what is idle for too long or too much. One timer for all. */
export class IdleSet<T> {
  readonly #since = new Map<T, number>()
  readonly #limits: IdleLimits
  readonly #evict: (item: T) => void
  #timer: NodeJS.Timeout | undefined

  constructor (limits: IdleLimits, evict: (item: T) => void) {
    this.#limits = limits
    this.#evict = evict
  }

  add (item: T): void {
    this.#since.delete(item)
    this.#since.set(item, performance.now())
    while (this.#since.size > this.#limits.max) this.evictOldest()
    this.#arm()
  }

  delete (item: T): void {
    this.#since.delete(item)
  }

  clear (): void {
    this.#since.clear()
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /** Whether there was one to evict. */
  evictOldest (): boolean {
    const oldest = this.#since.keys().next()
    if (oldest.done === true) return false
    this.#since.delete(oldest.value)
    this.#evict(oldest.value)
    return true
  }

  // The timer is left alone when items come and go: it fires at most once per idleMs and then looks for the next one.
  #arm (): void {
    if (this.#timer !== undefined || this.#since.size === 0 || this.#limits.idleMs === Infinity) return
    const [oldest] = this.#since.values()
    const due = (oldest ?? 0) + this.#limits.idleMs - performance.now()
    this.#timer = setTimeout(() => this.#sweep(), Math.min(Math.max(due, 1), MAX_DELAY_MS))
    this.#timer.unref()
  }

  #sweep (): void {
    this.#timer = undefined
    const expired = performance.now() - this.#limits.idleMs
    for (const [item, since] of this.#since) {
      if (since > expired) break
      this.#since.delete(item)
      this.#evict(item)
    }
    this.#arm()
  }
}
