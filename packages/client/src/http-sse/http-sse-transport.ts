import { ErrorCode, isRequest, isResponseMessage, type JsonObject, type JsonRpcMessage, type JsonRpcRequest, type RequestId } from '@mcp/protocol'
import { asError, type McpClientError } from '../coded-error.ts'
import type { ConnectionState } from '../connection-state.ts'
import { MCP_CLIENT_BAD_MESSAGE, MCP_CLIENT_CLOSED, MCP_CLIENT_NOT_STARTED, MCP_CLIENT_STREAM_ENDED } from '../errors.ts'
import type { Http } from '../http/http.ts'
import type { ClientOptions } from '../options.ts'
import { Outbox } from '../outbox.ts'
import { initializeResult, Session } from '../streamable/session.ts'
import type { ClientTransport, SendOptions, TransportMessage } from '../transport.ts'
import { isMessage, messagesIn, Wire } from '../wire.ts'
import { keep } from './keep.ts'
import { SseConnection } from './sse-connection.ts'
import { SseMessage, type Destination } from './sse-message.ts'

/** The two-endpoint transport of 2024-11-05. A stream that is lost is opened anew, with a handshake of its own (F-17). */
export class HttpSseTransport implements ClientTransport {
  onmessage?: ((message: TransportMessage) => void) | undefined
  onerror?: ((error: Error) => void) | undefined
  onclose?: (() => void) | undefined
  onstate?: ((state: ConnectionState) => void) | undefined
  onsession?: ((initializeResult: JsonObject) => void) | undefined
  readonly #wire: Wire
  readonly #outbox: Outbox
  /** Knows the revision; there is no session id, the endpoint names the session. */
  readonly #session = new Session(undefined, undefined)
  readonly #pending = new Map<RequestId, SseMessage>()
  #handshake: JsonRpcRequest | undefined
  #handshakes = 0
  #connection: SseConnection | undefined
  #endpoint: URL | undefined
  #closing: Promise<void> | undefined
  /** Takes the answer to a handshake of ours. */
  #onRenewed: { readonly id: RequestId, readonly take: (message: JsonRpcMessage) => void } | undefined

  /** @throws MCP_CLIENT_BAD_OPTION */
  constructor (url: string | URL, options: ClientOptions, http: () => Http) {
    this.#wire = new Wire(url, options, http, {
      message: message => this.onmessage?.(message),
      error: error => this.onerror?.(error),
      state: state => this.onstate?.(state)
    })
    this.#outbox = new Outbox(this.#wire, options.queue)
  }

  get state (): ConnectionState {
    return this.#wire.state.state
  }

  get protocolVersion (): string | undefined {
    return this.#session.revision
  }

  setProtocolVersion (version: string): void {
    this.#session.revision = version
  }

  /** Resolves when the server has named its endpoint. */
  async start (): Promise<void> {
    if (this.#wire.closed) throw new MCP_CLIENT_CLOSED()
    if (this.#connection !== undefined) throw new MCP_CLIENT_NOT_STARTED()
    const connection = await this.#connect()
    this.#wire.state.answered()
    let again: SseMessage[] = []
    keep(this.#wire, connection, {
      lost: failure => { again = this.#lost(failure) },
      resume: () => this.#resume(again),
      gaveUp: error => this.#giveUp(error),
      awaited: () => this.#pending.size > 0
    })
  }

  async send (message: TransportMessage, options: SendOptions = {}): Promise<void> {
    if (this.#wire.closed) throw new MCP_CLIENT_CLOSED()
    if (this.#connection === undefined) throw new MCP_CLIENT_NOT_STARTED()
    if (!isMessage(message)) throw new MCP_CLIENT_BAD_MESSAGE(JSON.stringify(message).slice(0, 200))
    const item = this.#item(message, options)
    if (isRequest(message)) this.#pending.set(message.id, item)
    try {
      await this.#outbox.send(item)
    } catch (error) {
      if (isRequest(message)) this.#pending.delete(message.id)
      throw error
    }
  }

  close (): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close (): Promise<void> {
    this.#wire.stop()
    this.#outbox.drop(new MCP_CLIENT_CLOSED())
    this.#connection?.close()
    await this.#wire.release()
    this.onclose?.()
  }

  #item (message: JsonRpcMessage, options: SendOptions): SseMessage {
    const destination = (): Destination | undefined =>
      this.#endpoint === undefined ? undefined : { endpoint: this.#endpoint, headers: this.#session.headers() }
    return new SseMessage(this.#wire, message, options, destination, error => this.#receive(error))
  }

  async #connect (): Promise<SseConnection> {
    const connection = new SseConnection(this.#wire, data => this.#take(data))
    this.#connection = connection
    this.#endpoint = await connection.open(this.#session.headers())
    return connection
  }

  /** Nothing of the old connection can be answered any more. @returns What only reads, and can be asked again. */
  #lost (failure: Error | undefined): SseMessage[] {
    this.#endpoint = undefined
    this.#outbox.hold()
    this.#wire.state.trouble(this, true)
    const lost = [...this.#pending.values()]
    const again = lost.filter(({ message, resent }) => {
      return isRequest(message) && !resent && this.#handshake !== undefined && this.#wire.isSafe(message)
    })
    const error = new MCP_CLIENT_STREAM_ENDED(failure?.message ?? 'the server closed it', { cause: failure })
    for (const item of lost) if (!again.includes(item)) this.#fail(item, error)
    return again
  }

  async #resume (again: readonly SseMessage[]): Promise<SseConnection> {
    const connection = await this.#connect()
    const result = this.#handshake === undefined
      ? undefined
      : await this.#renew(this.#handshake, connection).catch((error: unknown) => {
        connection.close()
        throw error
      })
    this.#wire.state.trouble(this, false)
    this.#outbox.release()
    for (const item of again) {
      item.resent = true
      this.#outbox.send(item).catch((error: unknown) => this.#fail(item, asError(error)))
    }
    if (result !== undefined) this.onsession?.(result)
    return connection
  }

  async #renew ({ params }: JsonRpcRequest, connection: SseConnection): Promise<JsonObject> {
    const id = `renew-${++this.#handshakes}`
    const answered = new Promise<JsonRpcMessage>((resolve, reject) => {
      this.#onRenewed = { id, take: resolve }
      connection.ended.then(failure => reject(failure ?? new MCP_CLIENT_STREAM_ENDED('during the handshake')), reject)
      this.#item({ jsonrpc: '2.0', id, method: 'initialize', ...(params !== undefined && { params }) }, {}).run().catch(reject)
    })
    const message = await answered
    this.#session.answered(message)
    const result = initializeResult(message)
    await this.#item({ jsonrpc: '2.0', method: 'notifications/initialized' }, {}).run()
    return result
  }

  #giveUp (error: Error): void {
    this.#wire.report(error)
    for (const item of [...this.#pending.values()]) this.#fail(item, error)
    this.#outbox.drop(error)
    this.close()
  }

  #fail ({ message }: SseMessage, error: Error | McpClientError): void {
    if (!isRequest(message) || !this.#pending.delete(message.id)) return
    const data = 'code' in error ? { code: error.code } : {}
    this.#wire.deliver({ jsonrpc: '2.0', id: message.id, error: { code: ErrorCode.InternalError, message: error.message, data } })
  }

  #take (data: string): void {
    try {
      for (const message of messagesIn(data)) this.#receive(message)
    } catch (error) {
      this.#wire.report(error)
    }
  }

  #receive (message: JsonRpcMessage): void {
    if (!isResponseMessage(message)) return this.#wire.deliver(message)
    const { id = null } = message
    if (id !== null && id === this.#onRenewed?.id) return this.#onRenewed.take(message)
    const asked = id === null ? undefined : this.#pending.get(id)
    if (id === null || asked === undefined) return this.#wire.report(new MCP_CLIENT_BAD_MESSAGE(`a response nobody waits for (${JSON.stringify(id)})`))
    this.#pending.delete(id)
    if (isRequest(asked.message) && asked.message.method === 'initialize') {
      this.#session.answered(message)
      if ('result' in message) this.#handshake = asked.message
    }
    this.#wire.deliver(message)
  }
}
