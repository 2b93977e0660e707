/** Keep-alive comments for every open connection of a node, on one timer. */
import { ticker, type Ticker } from '@mcp/storage'
import type { SseConnection } from './connection.ts'

/** Sweeps in one interval. A comment is written on the second silent sweep, so silence lasts two thirds of it at most. */
export const SWEEPS_PER_INTERVAL = 3

/** No clock is read and nothing is armed per connection; without connections nothing runs at all. */
export class KeepAlive {
  readonly #connections = new Set<SseConnection>()
  readonly #intervalMs: number
  readonly #ticker: Ticker
  #stop: (() => void) | null = null

  constructor (intervalMs: number, clock: Ticker = ticker) {
    this.#intervalMs = intervalMs
    this.#ticker = clock
  }

  connections (): readonly SseConnection[] {
    return [...this.#connections]
  }

  add (connection: SseConnection): void {
    this.#connections.add(connection)
    this.#stop ??= this.#ticker.every(this.#intervalMs / SWEEPS_PER_INTERVAL, () => this.#sweep())
  }

  delete (connection: SseConnection): void {
    this.#connections.delete(connection)
    if (this.#connections.size > 0) return
    this.#stop?.()
    this.#stop = null
  }

  #sweep (): void {
    for (const connection of this.#connections) connection.sweep()
  }
}
