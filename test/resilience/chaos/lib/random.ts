/** Chance that can be repeated: equal seeds give equal sequences (mulberry32). */
export class Random {
  readonly seed: number
  #state: number

  constructor (seed: number) {
    this.seed = seed
    this.#state = seed >>> 0
  }

  /** From 0 up to, but not including, 1. */
  next (): number {
    this.#state = (this.#state + 0x6D2B79F5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** An integer, both ends included. */
  between (least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1))
  }

  /** One of at least one. */
  pick<T> (items: readonly T[]): T {
    const picked = items[this.between(0, items.length - 1)]
    if (picked === undefined) throw new Error('nothing to pick from')
    return picked
  }
}
