/** Times of many calls, milliseconds. */
export class Latencies {
  readonly #times: number[] = []

  async time<T> (work: () => Promise<T>): Promise<T> {
    const began = performance.now()
    const result = await work()
    this.#times.push(performance.now() - began)
    return result
  }

  get count (): number {
    return this.#times.length
  }

  toString (): string {
    const sorted = [...this.#times].sort((a, b) => a - b)
    const at = (share: number): string => (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0).toFixed(1)
    return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, p99.9 ${at(0.999)} ms, slowest ${at(1)} ms`
  }
}

/** Works on each of many, so many at a time; a failure is kept, and the others go on. */
export async function each<T> (items: readonly T[], atOnce: number, work: (item: T, worker: number) => Promise<void>): Promise<string[]> {
  const failures: string[] = []
  let next = 0
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, async (_, worker) => {
    while (next < items.length) {
      const item = items[next++] as T
      await work(item, worker).catch((error: unknown) => failures.push(String(error)))
    }
  }))
  return failures
}
