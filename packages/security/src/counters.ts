/** Counting what callers do, in windows of time. */

/** A count and what is left of its window. */
export interface Count {
  readonly count: number
  /** Milliseconds until counting starts anew. */
  readonly leftMs: number
}

export interface Counters {
  /** Counts one more. Never rejects. */
  hit (key: string, windowMs: number): Count | Promise<Count>
}

interface Slot {
  count: number
  readonly endsAt: number
}

/**
 * Counts of this process. Holds at most `capacity` keys: beyond, the one that was quiet for longest is forgotten, so that
 * callers from very many addresses cost no more memory than that.
 */
export class MemoryCounters implements Counters {
  readonly #slots = new Map<string, Slot>()
  readonly #capacity: number
  readonly #now: () => number

  constructor (capacity: number, now: () => number = monotonic) {
    this.#capacity = capacity
    this.#now = now
  }

  get size (): number {
    return this.#slots.size
  }

  hit (key: string, windowMs: number): Count {
    const now = this.#now()
    const known = this.#slots.get(key)
    // Taken out and put in again: a Map keeps its keys in the order they came.
    if (known !== undefined) this.#slots.delete(key)
    else if (this.#slots.size >= this.#capacity) this.#forgetOldest()
    const slot = known === undefined || known.endsAt <= now ? { count: 0, endsAt: now + windowMs } : known
    slot.count++
    this.#slots.set(key, slot)
    return { count: slot.count, leftMs: Math.ceil(slot.endsAt - now) }
  }

  #forgetOldest (): void {
    const { value } = this.#slots.keys().next()
    if (value !== undefined) this.#slots.delete(value)
  }
}

/** The system clock may be set; a window must not last longer for it. */
function monotonic (): number {
  return performance.now()
}
