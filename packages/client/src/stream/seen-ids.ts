/** Ids of the last events of a stream: a replay that begins too early, or a proxy that repeats itself, delivers nothing twice. */
export class SeenIds {
  readonly #ids = new Set<string>()
  readonly #keep: number

  constructor (keep = 256) {
    this.#keep = keep
  }

  /** @returns Whether the id is new. */
  add (id: string): boolean {
    if (this.#ids.has(id)) return false
    this.#ids.add(id)
    if (this.#ids.size > this.#keep) {
      const [oldest = ''] = this.#ids
      this.#ids.delete(oldest)
    }
    return true
  }
}
