/** Durations by labels in buckets: made for the path of every request, so nothing is validated or formatted here. */

/** Upper bounds in seconds, as the semantic conventions have them. */
export const OPERATION_BOUNDS: readonly number[] = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300]

/** And those of sessions, which last longer. */
export const SESSION_BOUNDS: readonly number[] = [...OPERATION_BOUNDS, 1_800, 7_200, 86_400]

export class DurationSeries {
  readonly #bounds: readonly number[]
  /** Not cumulative; the last one holds what is beyond every bound. */
  readonly buckets: number[]
  count = 0
  /** Seconds. */
  sum = 0

  constructor (bounds: readonly number[]) {
    this.#bounds = bounds
    this.buckets = new Array<number>(bounds.length + 1).fill(0)
  }

  observe (seconds: number): void {
    let at = 0
    while (at < this.#bounds.length && seconds > (this.#bounds[at] ?? Infinity)) at++
    this.buckets[at] = (this.buckets[at] ?? 0) + 1
    this.count++
    this.sum += seconds
  }
}
