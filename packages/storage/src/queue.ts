/** First in, first out, with access by index; everything in constant time, amortized. */
export class Queue<T> {
  #items: Array<T | undefined> = []
  #head = 0

  get length (): number {
    return this.#items.length - this.#head
  }

  push (item: T): void {
    this.#items.push(item)
  }

  /** @throws {RangeError} outside the queue. */
  at (index: number): T {
    const item = this.#items[this.#head + index]
    if (index < 0 || item === undefined) throw new RangeError(`no item at ${index}`)
    return item
  }

  /** @throws {RangeError} on an empty queue. */
  shift (): T {
    const item = this.at(0)
    this.#items[this.#head++] = undefined
    if (this.#head > 16 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return item
  }
}
