import { isNotification, isRequest, isResponseMessage, type JsonRpcMessage } from '@mcp/protocol'
import { MCP_CLIENT_BAD_MESSAGE } from '../errors.ts'
import { Cancellation } from '../http/caller.ts'
import type { Http } from '../http/http.ts'
import { HttpTransport } from '../http-transport.ts'
import type { StreamableClientOptions } from '../options.ts'
import { readRefusal, refusalError } from '../refusal.ts'
import type { ClientListeners, SendOptions } from '../transport.ts'
import { Conversation } from './conversation.ts'
import { Post } from './post.ts'
import { StandaloneStream } from './standalone-stream.ts'

/**
 * Streamable HTTP, every revision of it. Requests that carry the envelope of 2026-07-28 are sent as modern ones, all others as legacy ones
 * of one session, so the same client serves both eras.
 */
export class StreamableTransport extends HttpTransport {
  /** Every request has its own exchange, and `requestSignal` closes it. */
  readonly hasPerRequestStream = true
  readonly #options: StreamableClientOptions
  readonly #talk: Conversation
  readonly #standalone: StandaloneStream

  constructor (url: string | URL, options: StreamableClientOptions, http: () => Http, listeners?: ClientListeners) {
    super(url, options, http, listeners)
    this.#options = options
    this.#talk = new Conversation(this.wire, this.session, result => {
      this.#openStandalone()
      this.wire.listeners.onsession?.(result)
    })
    this.#standalone = new StandaloneStream(this.#talk)
  }

  /** The legacy session, once there is one. */
  get sessionId (): string | undefined {
    return this.session.id
  }

  /** Ends the session with a DELETE; a server that does not take it (405) is fine. */
  async terminateSession (): Promise<void> {
    if (this.session.id === undefined) return
    const { caller, url, limits } = this.wire
    const headers = this.session.headers()
    this.session.id = undefined
    this.#standalone.close()
    const answer = await caller.call({ method: 'DELETE', url, headers }, new Cancellation(), limits.briefMs)
    const refusal = await readRefusal(answer)
    if (!answer.ok && answer.status !== 404 && answer.status !== 405) throw refusalError(refusal)
  }

  protected async open (): Promise<void> {
    if (this.session.id !== undefined) this.#openStandalone()
  }

  protected async dispatch (message: JsonRpcMessage, options: SendOptions): Promise<void> {
    const post = new Post(this.#talk, message, options, received => this.wire.deliver(received))
    if (post.modern) {
      if (isResponseMessage(message)) throw new MCP_CLIENT_BAD_MESSAGE('a response, to a modern server')
      if (isNotification(message) && message.method === 'notifications/cancelled') return this.#cancel(message.params?.requestId)
    }
    if (options.resumptionToken !== undefined && isRequest(message)) return post.resume(options.resumptionToken)
    try {
      await this.outbox.send(post)
    } catch (error) {
      post.drop()
      throw error
    }
    if (isNotification(message) && message.method === 'notifications/initialized') this.#openStandalone()
  }

  protected async leave (): Promise<void> {
    this.#standalone.close()
    for (const reply of [...this.#talk.pending.values()]) reply.cancel()
    const { revision, modern } = this.session
    if (this.#options.endSession === false || revision === undefined || modern) return
    await this.terminateSession().catch(() => {})
  }

  /** The modern era knows no such notification: the exchange is closed (E-44). */
  #cancel (id: unknown): void {
    if (typeof id === 'string' || typeof id === 'number') this.#talk.pending.get(id)?.cancel()
  }

  #openStandalone (): void {
    if (this.#options.standaloneStream !== false && !this.wire.closed && !this.session.modern) this.#standalone.open()
  }
}
