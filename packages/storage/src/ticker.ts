/** Everything periodic of a node (keep-alive, idle sessions, expiry) on one timer. */

/** Longest delay a Node timer takes; a later task is reached in several hops. */
const MAX_DELAY_MS = 2 ** 31 - 1

export interface TickerClock {
  /** Milliseconds; only differences are used, so it should be monotonic. */
  now (): number
  /** Calls `wake` once, `delayMs` from now, without keeping the process alive. Answers how to call it off. */
  wakeAfter (delayMs: number, wake: () => void): () => void
}

export type TickerTask = () => void | Promise<void>
export type TickerErrorHandler = (error: unknown) => void

export interface TickerOptions {
  readonly clock?: TickerClock
  /** What to do with the error of a task that brought no handler of its own. By default a process warning. */
  readonly onError?: TickerErrorHandler
}

interface Entry {
  readonly task: TickerTask
  readonly onError: TickerErrorHandler
  due: number
}

const systemClock: TickerClock = {
  now: () => performance.now(),
  wakeAfter (delayMs, wake) {
    const timer = setTimeout(wake, delayMs)
    timer.unref()
    return () => clearTimeout(timer)
  }
}

/**
 * Runs any number of periodic tasks with a single underlying timer, aimed at the nearest due task and unref'd. Without
 * tasks nothing is armed. Adding and removing a task costs the same however many there are.
 */
export class Ticker {
  // Tasks of one interval fall due in the order they were (re)queued, so the first of each queue is its nearest one.
  readonly #queues = new Map<number, Set<Entry>>()
  readonly #clock: TickerClock
  readonly #onError: TickerErrorHandler
  #armedFor = Infinity
  #disarm: (() => void) | null = null

  constructor (options: TickerOptions = {}) {
    this.#clock = options.clock ?? systemClock
    this.#onError = options.onError ?? warn
  }

  /**
   * Runs `task` every `intervalMs` milliseconds, first after one interval. A late run moves the later ones; runs are never
   * made up for. What a task throws or rejects with goes to `onError` and disturbs no other task.
   *
   * @returns stops it; calling it again does nothing.
   * @throws {RangeError} when `intervalMs` is not a positive finite number.
   */
  every (intervalMs: number, task: TickerTask, onError: TickerErrorHandler = this.#onError): () => void {
    if (!Number.isFinite(intervalMs) || intervalMs <= 0) {
      throw new RangeError(`intervalMs must be a positive number of milliseconds, got ${intervalMs}`)
    }
    const entry: Entry = { task, onError, due: this.#clock.now() + intervalMs }
    const queue = this.#queues.get(intervalMs) ?? new Set()
    this.#queues.set(intervalMs, queue.add(entry))
    if (entry.due < this.#armedFor) this.#arm(entry.due)
    return () => this.#remove(intervalMs, entry)
  }

  #remove (intervalMs: number, entry: Entry): void {
    const queue = this.#queues.get(intervalMs)
    if (queue?.delete(entry) !== true || queue.size > 0) return
    this.#queues.delete(intervalMs)
    if (this.#queues.size === 0) this.#arm(Infinity)
  }

  #arm (due: number): void {
    this.#disarm?.()
    this.#disarm = null
    this.#armedFor = due
    if (due === Infinity) return
    const delay = Math.min(Math.max(Math.ceil(due - this.#clock.now()), 1), MAX_DELAY_MS)
    this.#disarm = this.#clock.wakeAfter(delay, () => this.#wake())
  }

  #wake (): void {
    const now = this.#clock.now()
    // Whatever a task adds meanwhile is armed for below, together with the rest.
    this.#armedFor = -Infinity
    for (const [intervalMs, queue] of this.#queues) this.#runDue(intervalMs, queue, now)
    let nearest = Infinity
    for (const queue of this.#queues.values()) {
      const [first] = queue
      if (first !== undefined) nearest = Math.min(nearest, first.due)
    }
    this.#arm(nearest)
  }

  #runDue (intervalMs: number, queue: Set<Entry>, now: number): void {
    for (const entry of queue) {
      if (entry.due > now) return
      queue.delete(entry)
      entry.due = now + intervalMs
      queue.add(entry)
      run(entry)
    }
  }
}

function run ({ task, onError }: Entry): void {
  const report = (error: unknown) => {
    try {
      onError(error)
    } catch (failure) {
      warn(failure)
    }
  }
  try {
    task()?.catch(report)
  } catch (error) {
    report(error)
  }
}

/** Says on stderr what nobody else wants to hear; never throws. */
export function warn (error: unknown): void {
  process.emitWarning(error instanceof Error ? error : new Error(String(error)))
}

/** The one ticker of this process. */
export const ticker: Ticker = new Ticker()
