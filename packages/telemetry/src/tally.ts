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
  /** Takes what is new beyond the most. */
  #overflow: Entry | null = null

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
    if (this.#entries.size >= this.#most) return this.#overflow ?? this.#addOverflow()
    return this.#add(key, values)
  }

  #addOverflow (): Entry {
    const values = this.#names.map(() => OTHER)
    const key = values.join('\n')
    this.#overflow = this.#entries.get(key) ?? this.#add(key, values)
    return this.#overflow
  }

  #add (key: string, values: readonly string[]): Entry {
    const labels = Object.fromEntries(this.#names.map((name, index) => [name, values[index] ?? OTHER]))
    const entry = { labels, value: 0 }
    this.#entries.set(key, entry)
    return entry
  }
}
