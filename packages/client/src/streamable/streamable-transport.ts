import { isModernVersion, isNotification, isRequest, isResponseMessage, type JsonObject, type JsonRpcMessage, type RequestId } from '@mcp/protocol'
import type { ConnectionState } from '../connection-state.ts'
import { MCP_CLIENT_BAD_MESSAGE, MCP_CLIENT_CLOSED, MCP_CLIENT_NOT_STARTED } from '../errors.ts'
import { Cancellation } from '../http/caller.ts'
import type { Http } from '../http/http.ts'
import type { StreamableClientOptions } from '../options.ts'
import { Outbox } from '../outbox.ts'
import type { ClientTransport, SendOptions, TransportMessage } from '../transport.ts'
import { isMessage, Wire } from '../wire.ts'
import { Conversation } from './conversation.ts'
import { Post } from './post.ts'
import { readRefusal, refusalError } from './refusal.ts'
import { Session } from './session.ts'
import { StandaloneStream } from './standalone-stream.ts'

/**
 * Streamable HTTP, every revision of it. Requests that carry the envelope of 2026-07-28 are sent as modern ones, all others as legacy ones
 * of one session, so the same client serves both eras.
 */
export class StreamableTransport implements ClientTransport {
  onmessage?: ((message: TransportMessage) => void) | undefined
  onerror?: ((error: Error) => void) | undefined
  onclose?: (() => void) | undefined
  onstate?: ((state: ConnectionState) => void) | undefined
  onsession?: ((initializeResult: JsonObject) => void) | undefined
  /** Every request has its own exchange, and `requestSignal` closes it. */
  readonly hasPerRequestStream = true
  readonly #wire: Wire
  readonly #session: Session
  readonly #talk: Conversation
  readonly #outbox: Outbox
  readonly #standalone: StandaloneStream
  readonly #options: StreamableClientOptions
  #started = false
  #closing: Promise<void> | undefined

  /** @throws MCP_CLIENT_BAD_OPTION */
  constructor (url: string | URL, options: StreamableClientOptions, http: () => Http) {
    this.#options = options
    this.#wire = new Wire(url, options, http, {
      message: message => this.onmessage?.(message),
      error: error => this.onerror?.(error),
      state: state => this.onstate?.(state)
    })
    this.#session = new Session(options.sessionId, options.protocolVersion)
    this.#talk = new Conversation(this.#wire, this.#session, result => {
      this.#openStandalone()
      this.onsession?.(result)
    })
    this.#outbox = new Outbox(this.#wire, options.queue)
    this.#standalone = new StandaloneStream(this.#talk)
  }

  get state (): ConnectionState {
    return this.#wire.state.state
  }

  /** The legacy session, once there is one. */
  get sessionId (): string | undefined {
    return this.#session.id
  }

  get protocolVersion (): string | undefined {
    return this.#session.revision
  }

  setProtocolVersion (version: string): void {
    this.#session.revision = version
  }

  async start (): Promise<void> {
    if (this.#started) throw new MCP_CLIENT_NOT_STARTED()
    if (this.#wire.closed) throw new MCP_CLIENT_CLOSED()
    this.#started = true
    if (this.#session.id !== undefined) this.#openStandalone()
  }

  async send (message: TransportMessage, options: SendOptions = {}): Promise<void> {
    if (this.#wire.closed) throw new MCP_CLIENT_CLOSED()
    if (!this.#started) throw new MCP_CLIENT_NOT_STARTED()
    if (!isMessage(message)) throw new MCP_CLIENT_BAD_MESSAGE(JSON.stringify(message).slice(0, 200))
    const post = new Post(this.#talk, message, options, received => this.#wire.deliver(received))
    if (post.modern) {
      if (isResponseMessage(message)) throw new MCP_CLIENT_BAD_MESSAGE('a response; the modern era has none from clients')
      if (isNotification(message) && message.method === 'notifications/cancelled') return this.#cancel(message.params?.requestId)
    }
    if (options.resumptionToken !== undefined && isRequest(message)) return post.resume(options.resumptionToken)
    try {
      await this.#outbox.send(post)
    } catch (error) {
      post.drop()
      throw error
    }
    if (isInitialized(message)) this.#openStandalone()
  }

  /** Ends the session with a DELETE; a server that does not take it (405) is fine. */
  async terminateSession (): Promise<void> {
    if (this.#session.id === undefined) return
    const { caller, url, limits } = this.#wire
    const headers = this.#session.headers()
    this.#session.id = undefined
    this.#standalone.close()
    const answer = await caller.call({ method: 'DELETE', url, headers }, new Cancellation(), limits.briefMs)
    if ((answer.status >= 200 && answer.status < 300) || answer.status === 405 || answer.status === 404) return answer.discard()
    throw refusalError(await readRefusal(answer))
  }

  /** Ends everything: streams, waits, the session, sockets. Requests without an answer stay without. */
  close (): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close (): Promise<void> {
    this.#wire.stop()
    this.#outbox.drop(new MCP_CLIENT_CLOSED())
    this.#standalone.close()
    for (const post of [...this.#talk.pending.values()]) post.cancel()
    const ends = this.#options.endSession !== false && this.#session.revision !== undefined && !isModernVersion(this.#session.revision)
    if (ends) await this.terminateSession().catch(() => {})
    await this.#wire.release()
    this.onclose?.()
  }

  /** The modern era knows no such notification: the exchange is closed (E-44). */
  #cancel (id: unknown): void {
    if (typeof id === 'string' || typeof id === 'number') this.#talk.pending.get(id satisfies RequestId)?.cancel()
  }

  #openStandalone (): void {
    const { revision } = this.#session
    if (this.#options.standaloneStream === false || this.#wire.closed || (revision !== undefined && isModernVersion(revision))) return
    this.#standalone.open()
  }
}

function isInitialized (message: JsonRpcMessage): boolean {
  return isNotification(message) && message.method === 'notifications/initialized'
}
