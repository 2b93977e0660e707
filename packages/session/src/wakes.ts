/** Tells readers on other nodes that a stream has more, until the bus has taken it. */
import { ticker, type Bus } from '@mcp/storage'
import { sessionChannel, type SessionNews } from './channel.ts'

const AGAIN_MS = 1_000

/** Wakes the bus refused, by what they say: said twice they mean no more than once. */
type Unsaid = Map<string, { readonly session: string, readonly stream: string }>

/**
 * A reader whose own bus fails looks into the store once it is back. One that misses a wake because its writer was cut off would
 * wait for the next message, and after the last one for ever; so a wake that cannot be said is said later.
 */
export class Wakes {
  readonly #bus: Bus
  readonly #onError: (error: unknown) => void
  readonly #unsaid: Unsaid = new Map()
  #stop: (() => void) | null = null

  constructor (bus: Bus, onError: (error: unknown) => void) {
    this.#bus = bus
    this.#onError = onError
  }

  /** The stream has more, or has ended. Resolves when it was said, or is going to be. */
  async say (session: string, stream: string): Promise<void> {
    try {
      await this.#publish(session, stream)
    } catch (error) {
      this.#onError(error)
      this.#unsaid.set(`${session} ${stream}`, { session, stream })
      this.#stop ??= ticker.every(AGAIN_MS, () => this.#sayAgain(), this.#onError)
    }
  }

  close (): void {
    this.#unsaid.clear()
    this.#stop?.()
    this.#stop = null
  }

  async #sayAgain (): Promise<void> {
    for (const [key, { session, stream }] of this.#unsaid) {
      // While the first of them fails there is no use in the others.
      await this.#publish(session, stream)
      this.#unsaid.delete(key)
    }
    if (this.#unsaid.size === 0) this.close()
  }

  async #publish (session: string, stream: string): Promise<void> {
    await this.#bus.publish(sessionChannel(session), JSON.stringify({ kind: 'stored', stream } satisfies SessionNews))
  }
}
