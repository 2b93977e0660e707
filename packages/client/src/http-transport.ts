import type { JsonObject, JsonRpcMessage } from '@mcp/protocol'
import type { ConnectionState } from './connection-state.ts'
import { MCP_CLIENT_CLOSED, MCP_CLIENT_NOT_STARTED } from './errors.ts'
import type { Http } from './http/http.ts'
import { checkNames, type StreamableClientOptions } from './options.ts'
import { Outbox } from './outbox.ts'
import { Session } from './session.ts'
import type { ClientListeners, ClientTransport, SendOptions, TransportMessage } from './transport.ts'
import { checkedMessage, Wire } from './wire.ts'

/** What the transports have in common. */
export abstract class HttpTransport implements ClientTransport {
  onmessage?: ((message: TransportMessage) => void) | undefined
  onerror?: ((error: Error) => void) | undefined
  onclose?: (() => void) | undefined
  onstate?: ((state: ConnectionState) => void) | undefined
  onsession?: ((initializeResult: JsonObject) => void) | undefined
  protected readonly wire: Wire
  protected readonly session: Session
  protected readonly outbox: Outbox
  #started = false
  #closing: Promise<void> | undefined

  /**
   * @param listeners Who is told; by default those who listen to this transport itself.
   * @throws MCP_CLIENT_BAD_OPTION
   */
  constructor (url: string | URL, options: StreamableClientOptions, http: () => Http, listeners?: ClientListeners) {
    checkNames(options)
    this.wire = new Wire(url, options, http, listeners ?? this)
    this.session = new Session(options.sessionId, options.protocolVersion)
    this.outbox = new Outbox(this.wire, options.queue)
  }

  get state (): ConnectionState {
    return this.wire.state.state
  }

  get protocolVersion (): string | undefined {
    return this.session.revision
  }

  setProtocolVersion (version: string): void {
    this.session.revision = version
  }

  async start (): Promise<void> {
    if (this.wire.closed) throw new MCP_CLIENT_CLOSED()
    if (this.#started) throw new MCP_CLIENT_NOT_STARTED()
    this.#started = true
    await this.open()
  }

  async send (message: TransportMessage, options: SendOptions = {}): Promise<void> {
    if (this.wire.closed) throw new MCP_CLIENT_CLOSED()
    if (!this.#started) throw new MCP_CLIENT_NOT_STARTED()
    await this.dispatch(checkedMessage(message), options)
  }

  /** Ends everything: streams, waits, the session, sockets. Requests without an answer stay without. */
  close (): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** Nobody is told anything any more. */
  forsake (): Promise<void> {
    this.wire.listeners = {}
    return this.close()
  }

  async #close (): Promise<void> {
    this.wire.stop()
    this.outbox.drop(new MCP_CLIENT_CLOSED())
    await this.leave()
    await this.wire.release()
  }

  /** What `start` waits for. */
  protected abstract open (): Promise<void>

  protected abstract dispatch (message: JsonRpcMessage, options: SendOptions): Promise<void>

  /** Says goodbye to the server. Must not throw. */
  protected abstract leave (): Promise<void>
}
