/** Timers that code of the client made and that are still there, whether or not they would keep a process alive. */
import { createHook } from 'node:async_hooks'

export class TimerWatch {
  readonly #live = new Map<number, string>()
  readonly #hook = createHook({
    init: (id, type) => {
      if (type !== 'Timeout') return
      const from = new Error().stack?.split('\n').find(line => /packages[/\\]client[/\\]src/.test(line))
      if (from !== undefined) this.#live.set(id, from.trim())
    },
    destroy: id => { this.#live.delete(id) }
  }).enable()

  /** Where they were made. Whoever was told to end has had time to. */
  async left (): Promise<string[]> {
    for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate)
    return [...this.#live.values()]
  }

  stop (): void {
    this.#hook.disable()
  }
}
