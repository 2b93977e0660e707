/** Counts by labels, so many sets of labels at most. */
import { OTHER } from './names.ts'

export type Labels = Readonly<Record<string, string>>

interface Entry {
  readonly labels: Labels
  value: number
}

export class Tally {
  readonly #names: readonly string[]
  readonly #most: number
  readonly #entries = new Map<string, Entry>()

  /** `names` of the labels, in the order their values are given in. */
  constructor (names: readonly string[], most: number) {
    this.#names = names
    this.#most = most
  }

  add (amount: number, ...values: readonly string[]): void {
    this.#entry(values).value += amount
  }

  entries (): Iterable<Readonly<Entry>> {
    return this.#entries.values()
  }

  /** Sums by the values of one label. */
  by (name: string): Record<string, number> {
    const sums: Record<string, number> = {}
    for (const { labels, value } of this.#entries.values()) {
      const key = labels[name] ?? OTHER
      sums[key] = (sums[key] ?? 0) + value
    }
    return sums
  }

  get total (): number {
    let total = 0
    for (const { value } of this.#entries.values()) total += value
    return total
  }

  #entry (values: readonly string[]): Entry {
    const key = values.join('\n')
    const known = this.#entries.get(key)
    if (known !== undefined) return known
    const full = this.#entries.size >= this.#most
    const kept = full ? values.map(() => OTHER) : values
    const labels = Object.fromEntries(this.#names.map((name, index) => [name, kept[index] ?? OTHER]))
    const entry = full ? this.#entries.get(kept.join('\n')) ?? { labels, value: 0 } : { labels, value: 0 }
    this.#entries.set(kept.join('\n'), entry)
    return entry
  }
}
