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
  // Most channels have one subscriber, so lists are kept small; they are replaced, never changed, since one may be in use.
  readonly #channels = new Map<string, readonly Subscription[]>()
  // What listeners publish waits for its turn, so that every subscriber sees one order.
  readonly #waiting: Delivery[] = []
  #delivering = false
  #sequence = 0

  publish (channel: string, message: string): number {
    const heard = this.#channels.get(channel)?.length ?? 0
    if (heard === 0) return 0
    this.#waiting.push({ channel, message, sequence: ++this.#sequence })
    if (this.#delivering) return heard
    this.#delivering = true
    for (const delivery of this.#waiting) this.#deliver(delivery)
    this.#waiting.length = 0
    this.#delivering = false
    return heard
  }

  subscribe (channel: string, listener: (message: string) => void): () => void {
    const subscription: Subscription = { listener, since: this.#sequence }
    this.#channels.set(channel, [...this.#channels.get(channel) ?? [], subscription])
    return () => this.#leave(channel, subscription)
  }

  close (): void {
    this.#channels.clear()
  }

  #leave (channel: string, subscription: Subscription): void {
    const rest = this.#channels.get(channel)?.filter(other => other !== subscription) ?? []
    if (rest.length > 0) this.#channels.set(channel, rest)
    else this.#channels.delete(channel)
  }

  #deliver ({ channel, message, sequence }: Delivery): void {
    for (const subscription of this.#channels.get(channel) ?? []) {
      const { listener, since } = subscription
      // A listener before this one may have made it leave.
      if (since >= sequence || this.#channels.get(channel)?.includes(subscription) !== true) continue
      try {
        listener(message)
      } catch (error) {
        warn(error)
      }
    }
  }
}
