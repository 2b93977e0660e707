import { isRequest, isResponseMessage, type Exchange } from '@mcp/protocol'
import { closeServer, closeSoon } from './close-soon.ts'
import { noStream } from './errors.ts'
import { replayHandshake, strangerHandshake } from './handshake.ts'
import { negotiated } from './legacy-instance.ts'
import { ServerTransport } from './server-transport.ts'
import { SingleFlight } from './single-flight.ts'
import { complainingServer, type Generation } from './sdk-server.ts'

/**
 * Legacy messages without a session: each gets a server of its own, which is told of a client without capabilities. As in
 * the SDK's stateless mode the server is never told that the client is `initialized`, unless that is the message.
 */
export class Sessionless {
  readonly #generation: Generation
  readonly #onError: (error: unknown) => void
  readonly #live = new Set<() => Promise<void>>()

  constructor (generation: Generation, onError: (error: unknown) => void) {
    this.#generation = generation
    this.#onError = onError
  }

  async accept (exchange: Exchange): Promise<void> {
    const { message } = exchange
    if (isResponseMessage(message)) return
    const server = await this.#generation.create(exchange)
    const transport = new ServerTransport({
      // Notifications that belong to no request have no stream to go on.
      standalone: sent => isRequest(sent) ? Promise.reject(noStream(sent.method)) : Promise.resolve(),
      idle: () => closeSoon(close),
      closed: () => this.#live.delete(close),
      onError: this.#onError
    }, new SingleFlight())
    const close = (): Promise<void> => closeServer(server, transport, this.#onError)
    this.#live.add(close)
    const extra = this.#generation.extra(exchange)
    try {
      transport.watch(complainingServer(server))
      await server.connect(transport)
      if (message.method !== 'initialize') await replayHandshake(transport, strangerHandshake(exchange.revision), extra)
      if (isRequest(message)) await transport.request(exchange, negotiated(message, exchange), extra)
      else transport.notify(message, extra)
    } catch (error) {
      await close()
      throw error
    }
  }

  async close (): Promise<void> {
    await Promise.all([...this.#live].map(close => close()))
  }
}
