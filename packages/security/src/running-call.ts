import type { CallWatch } from '@mcp/protocol'

/** A call that takes a place until it has ended and the application has let go of it. */
export class RunningCall implements CallWatch {
  readonly #leave: () => void
  #ended = false
  #settled = false

  constructor (leave: () => void) {
    this.#leave = leave
  }

  ended (): void {
    if (this.#ended) return
    this.#ended = true
    if (this.#settled) this.#leave()
  }

  settled (): void {
    if (this.#settled) return
    this.#settled = true
    if (this.#ended) this.#leave()
  }
}
