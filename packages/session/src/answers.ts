/**
 * Clients' responses on their way to the node whose requests they answer. The bus may lose them, so they are kept in the store
 * first; a node that may have missed some looks there.
 */
import { isObject, type JsonRpcResponse } from '@mcp/protocol'
import { ticker, type Storage, type Unsubscribe } from '@mcp/storage'
import { nodeChannel, parseForwarded, type ForwardedResponse } from './channel.ts'
import type { OutboundRequests } from './outbound-requests.ts'

/** Until a look that failed is tried again. */
const AGAIN_MS = 1_000

const NOTHING = (): void => {}

export class Answers {
  readonly #storage: Storage
  readonly #outbound: OutboundRequests
  readonly #onError: (error: unknown) => void
  readonly #subscription: Promise<Unsubscribe | null>
  readonly #ignoreGaps: () => void
  #gaps = 0
  #stopLooking: (() => void) | null = null

  /** From now on `outbound` gets what other nodes take for this one. */
  constructor (storage: Storage, node: string, outbound: OutboundRequests, onError: (error: unknown) => void) {
    this.#storage = storage
    this.#outbound = outbound
    this.#onError = onError
    this.#ignoreGaps = storage.bus.onGap?.(() => this.#look()) ?? NOTHING
    this.#subscription = this.#subscribe(node)
  }

  /**
   * Once this answers `true`, the response reaches the request if that waits for it, also where the node is cut off and comes back.
   * `false`: the node lives, and did not hear of it. The same response may come again.
   */
  async forward (node: string, forwarded: ForwardedResponse): Promise<boolean> {
    const { bus, nodes } = this.#storage
    // A bus that loses nothing need not be doubted.
    if (bus.onGap !== undefined) await this.#keep(forwarded)
    const heard = await bus.publish(nodeChannel(node), JSON.stringify(forwarded))
    return heard !== 0 || bus.onGap !== undefined || !await nodes.alive(node)
  }

  async close (): Promise<void> {
    this.#ignoreGaps()
    this.#stop()
    try {
      await (await this.#subscription)?.()
    } catch (error) {
      this.#onError(error)
    }
  }

  /** Never rejects. */
  async #subscribe (node: string): Promise<Unsubscribe | null> {
    try {
      return await this.#storage.bus.subscribe(nodeChannel(node), text => {
        const forwarded = parseForwarded(text)
        if (forwarded !== null) this.#outbound.resolve(forwarded.session, forwarded.response)
      })
    } catch (error) {
      this.#onError(error)
      return null
    }
  }

  /** Before the bus is told: whoever does not hear that must find it. */
  async #keep ({ session, response }: ForwardedResponse): Promise<void> {
    const { events } = this.#storage
    const stream = streamOf(response.id)
    await Promise.all([
      events.open(session, stream, { node: null, requestIds: [] }),
      events.append(session, stream, [JSON.stringify(response)], true)
    ])
  }

  #look (): void {
    this.#gaps++
    this.#stopLooking ??= ticker.every(AGAIN_MS, () => this.#collect(), this.#onError)
    this.#collect().catch(this.#onError)
  }

  async #collect (): Promise<void> {
    const gaps = this.#gaps
    for (const [wireId, session] of [...this.#outbound.waiting()]) {
      const page = await this.#storage.events.read(session, streamOf(wireId), 0, 1)
      const response: unknown = JSON.parse(page?.events[0]?.message ?? 'null')
      if (isObject(response)) this.#outbound.resolve(session, response as unknown as JsonRpcResponse)
    }
    if (gaps === this.#gaps) this.#stop()
  }

  #stop (): void {
    this.#stopLooking?.()
    this.#stopLooking = null
  }
}

/** A stream of its own for each; no event id can name one, so no client reads it. */
function streamOf (wireId: unknown): string {
  return `answer:${String(wireId)}`
}
