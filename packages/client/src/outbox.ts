import { asError, McpClientError } from './coded-error.ts'
import {
  MCP_CLIENT_CLOSED, MCP_CLIENT_CONNECTION_LOST, MCP_CLIENT_GAVE_UP, MCP_CLIENT_QUEUE_FULL, MCP_CLIENT_THROTTLED, MCP_CLIENT_UNREACHABLE
} from './errors.ts'
import { QUEUE, numbers, type QueueLimits } from './limits.ts'
import { Backoff } from './stream/backoff.ts'
import type { Wire } from './wire.ts'

/** Something that is sent: may be tried again after it failed without having arrived. */
export interface Sendable {
  readonly characters: number
  readonly cancelled: boolean
  /** Whether it may arrive twice. */
  readonly safe: boolean
  /** Resolves when the server took it. */
  run (): Promise<void>
}

interface Waiting {
  readonly item: Sendable
  readonly order: number
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** How long the first message after an outage may go unanswered before the others follow it: the answer may take its time. */
const PATIENCE_MS = 1_000

/**
 * Messages on their way out. While the server cannot be reached, or asks to wait, they queue up in order; when it comes back they are
 * sent in that order, and when it does not, each one's `send` rejects.
 */
export class Outbox {
  readonly #wire: Wire
  readonly #limits: QueueLimits
  readonly #waiting: Waiting[] = []
  /** Messages that the server refused for now, each of which waits for itself. */
  readonly #refused = new Set<Sendable>()
  #order = 0
  #pumping = false
  #held = false

  constructor (wire: Wire, limits: Partial<QueueLimits> | undefined) {
    this.#wire = wire
    this.#limits = numbers('queue', limits, QUEUE)
  }

  send (item: Sendable): Promise<void> {
    const order = this.#order++
    if (this.#pumping || this.#held) return this.#enqueue(item, order)
    return item.run().catch((error: unknown) => this.#failed(item, order, asError(error)))
  }

  /** Everything waits until `release`. */
  hold (): void {
    this.#held = true
  }

  release (): void {
    this.#held = false
    if (!this.#pumping) this.#pump(undefined).catch(error => this.#wire.report(error))
  }

  /** Nothing will be sent any more. */
  drop (error: Error): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error)
  }

  async #failed (item: Sendable, order: number, error: Error, backoff = new Backoff(this.#wire.reconnect)): Promise<void> {
    if (!mayComeBack(error, item) || this.#wire.closed) throw error
    if (isRefused(error)) return this.#later(item, order, error, backoff)
    if (!this.#wire.state.reached && !(error instanceof MCP_CLIENT_THROTTLED)) throw error
    const queued = this.#enqueue(item, order)
    if (!this.#pumping) this.#pump(error).catch(failure => this.#wire.report(failure))
    return queued
  }

  /** The server refused this message for now: it is sent again later, and the others are sent meanwhile. */
  async #later (item: Sendable, order: number, error: McpClientError, backoff: Backoff): Promise<void> {
    const delay = backoff.next(error.retryAfterMs)
    if (delay === undefined) throw new MCP_CLIENT_GAVE_UP(error.message, { cause: error })
    this.#checkRoom(item)
    this.#refused.add(item)
    await this.#wire.timers.wait(delay, true)
    this.#refused.delete(item)
    if (this.#wire.closed) throw new MCP_CLIENT_CLOSED()
    if (this.#pumping || this.#held) return this.#enqueue(item, order)
    return item.run().catch((again: unknown) => this.#failed(item, order, asError(again), backoff))
  }

  /** @throws MCP_CLIENT_QUEUE_FULL When there is no room for one more message. */
  #checkRoom (item: Sendable): void {
    const { messages, characters } = this.#limits
    const waiting = [...this.#waiting.map(({ item }) => item), ...this.#refused]
    const used = waiting.reduce((sum, { characters }) => sum + characters, item.characters)
    if (waiting.length >= messages || used > characters) throw new MCP_CLIENT_QUEUE_FULL(`${messages} messages, ${characters} characters`)
  }

  async #enqueue (item: Sendable, order: number): Promise<void> {
    this.#checkRoom(item)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, order, resolve, reject })
      this.#waiting.sort((one, other) => one.order - other.order)
    })
  }

  /** Sends what waits: the first until it gets through, then the others behind it. */
  async #pump (failure: Error | undefined): Promise<void> {
    this.#pumping = true
    const backoff = new Backoff(this.#wire.reconnect)
    let last = failure
    for (;;) {
      if (this.#wire.closed) this.drop(new MCP_CLIENT_CLOSED())
      if (this.#held || this.#waiting.length === 0) break
      if (last !== undefined) {
        this.#wire.state.trouble(this, true)
        const delay = backoff.next(last instanceof McpClientError ? last.retryAfterMs : undefined)
        if (delay === undefined) this.drop(new MCP_CLIENT_GAVE_UP(last.message, { cause: last }))
        else await this.#wire.timers.wait(delay, true)
        if (this.#waiting.length === 0 || this.#wire.closed) continue
      }
      const next = this.#waiting.shift()
      if (next !== undefined) last = await this.#attempt(next)
      if (last === undefined) {
        backoff.reset()
        this.#wire.state.trouble(this, false)
      }
    }
    this.#pumping = false
    this.#wire.state.trouble(this, false)
  }

  /** @returns Why the server still cannot be reached, if so. */
  async #attempt ({ item, order, resolve, reject }: Waiting): Promise<Error | undefined> {
    const done = item.run().then(() => { resolve() }, (error: unknown) => {
      const failure = asError(error)
      if (!mayComeBack(failure, item) || this.#wire.closed) return reject(failure)
      if (isRefused(failure)) {
        this.#failed(item, order, failure).then(resolve, reject)
        return undefined
      }
      this.#enqueue(item, order).then(resolve, reject)
      return failure
    })
    const patience = this.#wire.timers.wait(PATIENCE_MS, false).then(() => undefined)
    return (await Promise.race([done, patience])) ?? undefined
  }
}

/** Whether the server refuses only this message, and only now. A 503 is about the server. */
function isRefused (error: Error): error is McpClientError {
  return error instanceof MCP_CLIENT_THROTTLED && error.status === 429
}

/** Whether the message did not arrive, or may arrive twice, and may do so later. */
function mayComeBack (error: Error, { safe, cancelled }: Sendable): boolean {
  if (cancelled) return false
  if (error instanceof MCP_CLIENT_CONNECTION_LOST) return safe
  return error instanceof MCP_CLIENT_UNREACHABLE || error instanceof MCP_CLIENT_THROTTLED
}
