import { isResponseMessage, type Exchange } from '@mcp/protocol'
import { seedClientIdentity } from './client-identity.ts'
import { closeServer, closeSoon } from './close-soon.ts'
import { bindModern, serverOf } from './modern-binding.ts'
import { deliver, standalone, type ModernParts } from './modern.ts'
import { ServerTransport } from './server-transport.ts'
import { SingleFlight } from './single-flight.ts'

/** Modern messages as the SDK serves them: a server for each, closed after the answer. */
export class ModernFresh {
  readonly #parts: ModernParts
  readonly #live = new Set<ServerTransport>()

  constructor (parts: ModernParts) {
    this.#parts = parts
  }

  async accept (exchange: Exchange): Promise<void> {
    const { message } = exchange
    if (isResponseMessage(message)) return
    const parts = this.#parts
    const transport = new ServerTransport({
      standalone: sent => standalone(parts, sent),
      idle: () => closeSoon(close),
      closed: () => this.#live.delete(transport),
      onError: parts.onError
    }, new SingleFlight())
    const product = await bindModern(() => parts.create(exchange), exchange.revision, transport)
    const close = (): Promise<void> => closeServer(product, transport, parts.onError)
    this.#live.add(transport)
    seedClientIdentity(serverOf(product), message)
    try {
      await deliver(parts, transport, exchange)
    } catch (error) {
      await close()
      throw error
    }
  }

  async close (): Promise<void> {
    await Promise.all([...this.#live].map(transport => transport.close()))
  }
}
