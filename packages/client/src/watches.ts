import { MCP_CLIENT_TIMEOUT } from './errors.ts'

/** A call somebody watches: it is ended when it is silent, or runs, for too long. */
export class Watch {
  /** Why it was ended, once it was. */
  expired: Error | undefined
  readonly idleMs: number
  readonly totalMs: number
  readonly #abort: () => void
  readonly #started = performance.now()
  #last = this.#started

  constructor (idleMs: number, totalMs: number, abort: () => void) {
    this.idleMs = idleMs
    this.totalMs = totalMs
    this.#abort = abort
  }

  /** Something arrived. */
  touch (): void {
    this.#last = performance.now()
  }

  check (now: number): void {
    if (this.idleMs > 0 && now - this.#last >= this.idleMs) this.#expire(`nothing for ${this.idleMs} ms`)
    else if (this.totalMs > 0 && now - this.#started >= this.totalMs) this.#expire(`not done after ${this.totalMs} ms`)
  }

  #expire (what: string): void {
    if (this.expired !== undefined) return
    this.expired = new MCP_CLIENT_TIMEOUT(what)
    this.#abort()
  }
}

/** All watches of a client share one timer, which runs only while there is something to watch. */
export class Watches {
  readonly #watches = new Set<Watch>()
  #timer: ReturnType<typeof setInterval> | undefined
  #interval = Infinity

  /** Watches a call. A limit of 0 is none. */
  add (idleMs: number, totalMs: number, abort: () => void): Watch {
    const watch = new Watch(idleMs, totalMs, abort)
    if (idleMs <= 0 && totalMs <= 0) return watch
    this.#watches.add(watch)
    this.#tick(Math.min(1_000, Math.max(10, Math.min(idleMs || Infinity, totalMs || Infinity) / 4)))
    return watch
  }

  delete (watch: Watch): void {
    this.#watches.delete(watch)
  }

  close (): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#interval = Infinity
    this.#watches.clear()
  }

  /** As fine as the shortest limit needs. */
  #tick (interval: number): void {
    if (interval >= this.#interval) return
    clearInterval(this.#timer)
    this.#interval = interval
    this.#timer = setInterval(() => {
      const now = performance.now()
      for (const watch of this.#watches) watch.check(now)
      // Stops a tick late rather than with every call: calls come in runs.
      if (this.#watches.size === 0) this.close()
    }, interval)
    if (typeof this.#timer === 'object') this.#timer.unref()
  }
}
