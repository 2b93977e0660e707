import { guarded, type OnObserverError } from './guarded.ts'
import type { CallEnd, CallWatch } from './observer.ts'

/** The watches of one call. */
export class WatchedCall implements Required<CallWatch> {
  readonly #first: CallWatch
  /** Seldom there. */
  #others: CallWatch[] | undefined
  readonly #onError: OnObserverError
  #over = false
  #runs: boolean

  constructor (first: CallWatch, onError: OnObserverError) {
    this.#first = first
    this.#onError = onError
    this.#runs = first.run !== undefined
  }

  /** Whether the application has to run inside {@link run}. */
  get runs (): boolean {
    return this.#runs
  }

  add (watch: CallWatch): void {
    if (this.#others === undefined) this.#others = [watch]
    else this.#others.push(watch)
    this.#runs ||= watch.run !== undefined
  }

  /** Whatever the watches do, `work` is called once; it must not throw. */
  run (work: () => void): void {
    const around = this.#all().filter(watch => watch.run !== undefined)
    let ran = false
    let next = (): void => {
      if (ran) return
      ran = true
      work()
    }
    for (const watch of around) {
      const inner = next
      next = () => {
        guarded([watch], () => watch.run?.(inner), this.#onError)
      }
    }
    next()
    if (!ran) work()
  }

  failed (error: unknown): void {
    guarded(this.#all(), watch => watch.failed?.(error), this.#onError)
  }

  settled (): void {
    if (this.#others === undefined && this.#first.settled === undefined) return
    guarded(this.#all(), watch => watch.settled?.(), this.#onError)
  }

  /** Only the first end counts. */
  ended (end: CallEnd): void {
    if (this.#over) return
    this.#over = true
    this.#end(this.#first, end)
    if (this.#others !== undefined) for (const watch of this.#others) this.#end(watch, end)
  }

  #end (watch: CallWatch, end: CallEnd): void {
    try {
      const outcome: unknown = watch.ended(end)
      if (outcome instanceof Promise) outcome.catch(this.#onError)
    } catch (error) {
      this.#onError(error)
    }
  }

  #all (): readonly CallWatch[] {
    return this.#others === undefined ? [this.#first] : [this.#first, ...this.#others]
  }
}
