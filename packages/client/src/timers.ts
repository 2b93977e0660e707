/** Every wait of a client, so that none outlives it. */
export class Timers {
  readonly #cancels = new Set<() => void>()
  readonly #waiters = new Set<() => void>()
  #stopped = false

  /**
   * Resolves after `ms`, or when nothing is waited for any more.
   * @param holds Whether the wait keeps a process alive: somebody waits for what comes after it.
   */
  wait (ms: number, holds: boolean): Promise<void> {
    if (this.#stopped) return Promise.resolve()
    return new Promise(resolve => {
      const done = (): void => {
        cancel()
        this.#waiters.delete(done)
        resolve()
      }
      const cancel = this.after(ms, holds, done)
      this.#waiters.add(done)
    })
  }

  /** Runs `action` after `ms`, unless the returned function is called before. */
  after (ms: number, holds: boolean, action: () => void): () => void {
    const cancel = (): void => {
      clearTimeout(timer)
      this.#cancels.delete(cancel)
    }
    const timer = setTimeout(() => {
      this.#cancels.delete(cancel)
      action()
    }, ms)
    this.#cancels.add(cancel)
    if (!holds && typeof timer === 'object') timer.unref()
    return cancel
  }

  /** Ends every wait, also those to come. */
  stop (): void {
    this.#stopped = true
    for (const done of [...this.#waiters]) done()
  }

  close (): void {
    this.stop()
    for (const cancel of [...this.#cancels]) cancel()
  }
}
