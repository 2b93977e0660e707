/** Every wait of a client, so that none outlives it. */
export class Timers {
  readonly #cancels = new Set<() => void>()
  #closed = false

  /**
   * Resolves with `true` after `ms`, with `false` when the timers are closed before.
   * @param holds Whether the wait keeps a process alive: somebody waits for what comes after it.
   */
  wait (ms: number, holds: boolean): Promise<boolean> {
    if (this.#closed) return Promise.resolve(false)
    return new Promise(resolve => {
      const cancel = this.after(ms, holds, () => { done(true) })
      const done = (passed: boolean): void => {
        cancel()
        this.#cancels.delete(stop)
        resolve(passed)
      }
      const stop = (): void => { done(false) }
      this.#cancels.add(stop)
    })
  }

  /** Runs `action` after `ms`, unless the returned function is called before. */
  after (ms: number, holds: boolean, action: () => void): () => void {
    if (this.#closed) return () => {}
    const timer = setTimeout(() => {
      this.#cancels.delete(cancel)
      action()
    }, ms)
    const cancel = (): void => {
      clearTimeout(timer)
      this.#cancels.delete(cancel)
    }
    this.#cancels.add(cancel)
    if (!holds && typeof timer === 'object') timer.unref()
    return cancel
  }

  close (): void {
    this.#closed = true
    for (const cancel of [...this.#cancels]) cancel()
    this.#cancels.clear()
  }
}
