import { warn } from './ticker.ts'
import type { Bus } from './contract.ts'

interface Subscription {
  readonly listener: (message: string) => void
  /** How many messages the bus had carried before; those are not for this one. */
  readonly since: number
}

interface Delivery {
  readonly channel: string
  readonly message: string
  readonly sequence: number
}

/** A bus within one process. Listeners run before `publish` returns, or, when one of them publishes, right after it. */
export class MemoryBus implements Bus {
  readonly #channels = new Map<string, Set<Subscription>>()
  // What listeners publish waits for its turn, so that every subscriber sees one order.
  readonly #waiting: Delivery[] = []
  #delivering = false
  #sequence = 0

  publish (channel: string, message: string): void {
    if (!this.#channels.has(channel)) return
    this.#waiting.push({ channel, message, sequence: ++this.#sequence })
    if (this.#delivering) return
    this.#delivering = true
    for (const delivery of this.#waiting) this.#deliver(delivery)
    this.#waiting.length = 0
    this.#delivering = false
  }

  subscribe (channel: string, listener: (message: string) => void): () => void {
    const subscription: Subscription = { listener, since: this.#sequence }
    const subscriptions = this.#channels.get(channel) ?? new Set()
    this.#channels.set(channel, subscriptions.add(subscription))
    return () => {
      subscriptions.delete(subscription)
      if (subscriptions.size === 0 && this.#channels.get(channel) === subscriptions) this.#channels.delete(channel)
    }
  }

  close (): void {
    for (const subscriptions of this.#channels.values()) subscriptions.clear()
    this.#channels.clear()
  }

  #deliver ({ channel, message, sequence }: Delivery): void {
    for (const { listener, since } of this.#channels.get(channel) ?? []) {
      if (since >= sequence) continue
      try {
        listener(message)
      } catch (error) {
        warn(error)
      }
    }
  }
}
