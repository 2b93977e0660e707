import { signal } from '@preact/signals'
import type { WireEntry } from './wire-entry.ts'

/** Older entries make room; a burst may bring thousands a second. */
const KEPT = 400

export interface WireCounts {
  readonly events: number
  readonly comments: number
}

/** The last of what crossed the network, shown once per frame however much it is. */
export class WireLog {
  readonly entries = signal<readonly WireEntry[]>([])
  readonly counts = signal<WireCounts>({ events: 0, comments: 0 })
  readonly #began: number
  readonly #soon: (show: () => void) => void
  #waiting: WireEntry[] = []
  #keys = 0

  /** @param soon Calls back when there is time to show something. */
  constructor (soon: (show: () => void) => void = show => { requestAnimationFrame(show) }) {
    this.#began = performance.now()
    this.#soon = soon
  }

  add (entry: Omit<WireEntry, 'key' | 'at'>): void {
    const first = this.#waiting.length === 0
    this.#waiting.push({ ...entry, key: ++this.#keys, at: performance.now() - this.#began })
    if (first) this.#soon(() => this.#show())
  }

  clear (): void {
    this.#waiting = []
    this.entries.value = []
    this.counts.value = { events: 0, comments: 0 }
  }

  #show (): void {
    const shown = this.#waiting
    if (shown.length === 0) return
    this.#waiting = []
    const { events, comments } = this.counts.value
    this.counts.value = { events: events + count(shown, 'event'), comments: comments + count(shown, 'comment') }
    this.entries.value = [...this.entries.value, ...shown].slice(-KEPT)
  }
}

function count (entries: readonly WireEntry[], kind: WireEntry['kind']): number {
  return entries.filter(entry => entry.kind === kind).length
}
