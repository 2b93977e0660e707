import { MCP_CLIENT_TIMEOUT } from './errors.ts'
import type { Timers } from './timers.ts'

/** Ends a call that is silent, or runs, for too long. A time of 0 is no limit. */
export class Watch {
  /** Why the call was ended, once it was. */
  expired: Error | undefined
  readonly #timers: Timers
  readonly #idleMs: number
  readonly #totalMs: number
  readonly #abort: () => void
  readonly #started = performance.now()
  #last = this.#started
  #cancel = (): void => {}

  constructor (timers: Timers, idleMs: number, totalMs: number, abort: () => void) {
    this.#timers = timers
    this.#idleMs = idleMs || Infinity
    this.#totalMs = totalMs || Infinity
    this.#abort = abort
    this.#sleep(this.#started)
  }

  /** Something arrived. It costs no timer: the one that runs finds out. */
  touch (): void {
    this.#last = performance.now()
  }

  stop (): void {
    this.#cancel()
  }

  #sleep (now: number): void {
    const left = Math.min(this.#last + this.#idleMs, this.#started + this.#totalMs) - now
    if (left > 0) {
      if (left < Infinity) this.#cancel = this.#timers.after(Math.ceil(left), false, () => this.#sleep(performance.now()))
      return
    }
    const silent = now - this.#last >= this.#idleMs
    this.expired = new MCP_CLIENT_TIMEOUT(silent ? `nothing for ${this.#idleMs} ms` : `not done after ${this.#totalMs} ms`)
    this.#abort()
  }
}
