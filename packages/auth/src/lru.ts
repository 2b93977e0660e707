/** A bounded map whose entries expire; the least recently used one makes room. */
interface Entry<V> {
  readonly value: V
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

export class Lru<V> {
  readonly #entries = new Map<string, Entry<V>>()
  readonly #max: number

  /** With `max` 0 nothing is kept. */
  constructor (max: number) {
    this.#max = max
  }

  get size (): number {
    return this.#entries.size
  }

  get (key: string): V | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    this.#entries.delete(key)
    if (entry.expiresAt <= Date.now()) return undefined
    this.#entries.set(key, entry)
    return entry.value
  }

  set (key: string, value: V, expiresAt: number): void {
    if (this.#max === 0 || expiresAt <= Date.now()) return
    this.#entries.delete(key)
    if (this.#entries.size >= this.#max) {
      const [oldest] = this.#entries.keys()
      if (oldest !== undefined) this.#entries.delete(oldest)
    }
    this.#entries.set(key, { value, expiresAt })
  }

  clear (): void {
    this.#entries.clear()
  }
}
