import type { PaceRule } from '@mcp/protocol'

/** Counts within windows; the first begins with the first message. */
export class Meter {
  readonly #rule: PaceRule
  #count = 0
  #endsAt = 0

  constructor (rule: PaceRule) {
    this.#rule = rule
  }

  /** Whether there is room for one more. */
  take (): boolean {
    const now = performance.now()
    if (now >= this.#endsAt) {
      this.#endsAt = now + this.#rule.windowMs
      this.#count = 0
    }
    return this.#count++ < this.#rule.max
  }

  /** Until there is room again, milliseconds. */
  get leftMs (): number {
    return Math.max(1, this.#endsAt - performance.now())
  }
}
