import {
  isObject, isRequest, isResponseMessage, type Exchange, type JsonRpcNotification, type JsonRpcRequest, type McpSession
} from '@mcp/protocol'
import { closeServer } from './close-soon.ts'
import { rightsKey } from './rights-key.ts'
import { sessionOver } from './errors.ts'
import { FlightsById, type Flight, type Flights } from './flights.ts'
import { FlightsInContext } from './flights-in-context.ts'
import { replayHandshake, replayRequests } from './handshake.ts'
import { ServerTransport } from './server-transport.ts'
import { stickyPatch, stickyRequests } from './sticky-state.ts'
import { complainingServer, type Generation, type SdkServer } from './sdk-server.ts'

export interface LegacyInstanceHooks {
  idle (instance: LegacyInstance): void
  closed (instance: LegacyInstance): void
  onError (error: unknown): void
}

const ASKABLE = ['sampling', 'elicitation', 'roots']
const INITIALIZED = 'notifications/initialized'

/** A live server of one session. */
export class LegacyInstance {
  readonly transport: ServerTransport
  /** The rights it was built for. */
  readonly rights: string
  readonly #generation: Generation
  readonly #hooks: LegacyInstanceHooks
  readonly #unwatch: () => void
  #server: SdkServer | undefined
  #session: McpSession
  #initialized = false

  private constructor (generation: Generation, session: McpSession, rights: string, hooks: LegacyInstanceHooks) {
    this.rights = rights
    this.#generation = generation
    this.#session = session
    this.#hooks = hooks
    this.transport = new ServerTransport({
      standalone: message => this.#session.send(message),
      idle: () => hooks.idle(this),
      closed: () => this.#closed(),
      answering: flight => this.#remember(flight),
      onError: hooks.onError
    }, flightsFor(session))
    this.transport.sessionId = session.id
    this.#unwatch = session.onClose(() => { this.close().catch(hooks.onError) })
  }

  /**
   * Builds a server for a session. Unless the exchange is the session's `initialize`, the server is told first what its
   * predecessor knew: handshake, log level, subscriptions.
   */
  static async open (generation: Generation, exchange: Exchange, session: McpSession, hooks: LegacyInstanceHooks): Promise<LegacyInstance> {
    const instance = new LegacyInstance(generation, session, rightsKey(exchange.principal), hooks)
    try {
      await instance.#connect(exchange)
      if (methodOf(exchange) !== 'initialize') await instance.#resume(exchange)
    } catch (error) {
      const over = instance.transport.closed
      await instance.close()
      throw over ? sessionOver() : error
    }
    return instance
  }

  get sessionId (): string {
    return this.#session.id
  }

  /** The exchange may bring a newer view of its session. */
  accept (exchange: Exchange, session: McpSession): void | Promise<void> {
    this.#session = session
    const { message } = exchange
    const extra = this.#generation.extra(exchange)
    if (isResponseMessage(message)) return this.transport.respond(message, extra)
    if (isRequest(message)) return this.transport.request(exchange, negotiated(message, exchange), extra)
    return this.#notify(message, exchange)
  }

  async close (): Promise<void> {
    await closeServer(this.#server, this.transport, this.#hooks.onError)
  }

  #closed (): void {
    this.#unwatch()
    this.#hooks.closed(this)
  }

  async #connect (exchange: Exchange): Promise<void> {
    const server = await this.#generation.create(exchange)
    this.#server = server
    if (this.transport.closed) throw sessionOver()
    this.transport.watch(complainingServer(server))
    await server.connect(this.transport)
  }

  async #resume (exchange: Exchange): Promise<void> {
    const session = this.#session
    const extra = this.#generation.extra(exchange)
    await replayHandshake(this.transport, { ...session.handshake, protocolVersion: session.revision }, extra)
    if (methodOf(exchange) === INITIALIZED) return
    this.#notify({ jsonrpc: '2.0', method: INITIALIZED }, exchange)
    await replayRequests(this.transport, stickyRequests(session.state), extra)
    if (this.transport.closed) throw sessionOver()
  }

  /** A server is told once that the client is ready, whether by replay or by a client that was late. */
  #notify (message: JsonRpcNotification, exchange: Exchange): void {
    if (message.method === INITIALIZED) {
      if (this.#initialized) return this.transport.checkIdle()
      this.#initialized = true
    }
    this.transport.notify(message, this.#generation.extra(exchange))
  }

  #remember (flight: Flight): Promise<void> | undefined {
    const patch = stickyPatch(flight.request, this.#session.state)
    // The server did what was asked, so the client hears of it even when it could not be kept.
    return patch === undefined ? undefined : this.#session.setState(patch).catch(this.#hooks.onError)
  }
}

function methodOf (exchange: Exchange): string | undefined {
  return 'method' in exchange.message ? exchange.message.method : undefined
}

/** Only a client that said so can be asked something, and only then it matters which request asks. */
function flightsFor ({ handshake: { capabilities } }: McpSession): Flights {
  const askable = isObject(capabilities) && ASKABLE.some(name => capabilities[name] !== undefined)
  return askable ? new FlightsInContext() : new FlightsById()
}

/** The endpoint has settled the revision; a server asked for the same one cannot settle on another. */
export function negotiated (message: JsonRpcRequest, exchange: Exchange): JsonRpcRequest {
  if (message.method !== 'initialize' || message.params?.protocolVersion === exchange.revision) return message
  return { ...message, params: { ...message.params, protocolVersion: exchange.revision } }
}
