/** Bounds what all connections of a server hold for readers that do not take it. */

/** A connection that holds something. */
export interface Holder {
  /** UTF-16 code units that wait in it. */
  readonly queued: number
  abort (reason: 'overflow'): void
}

export class UnsentBudget {
  readonly #max: number
  readonly #holders: () => Iterable<Holder>
  #used = 0

  /** @param holders All connections that may hold something. */
  constructor (max: number, holders: () => Iterable<Holder>) {
    this.#max = max
    this.#holders = holders
  }

  get used (): number {
    return this.#used
  }

  /** Called when a connection holds more or less than before. Beyond the bound, the connection that holds most is cut. */
  change (characters: number): void {
    this.#used += characters
    while (this.#used > this.#max) {
      const before = this.#used
      this.#largest()?.abort('overflow')
      if (this.#used >= before) return
    }
  }

  #largest (): Holder | undefined {
    let largest: Holder | undefined
    for (const holder of this.#holders()) if (holder.queued > (largest?.queued ?? 0)) largest = holder
    return largest
  }
}
