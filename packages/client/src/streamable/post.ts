import {
  ErrorCode, essence, Header, isRequest, isResponseMessage, JSON_TYPE, STREAM_TYPE, type JsonRpcMessage, type JsonRpcRequest
} from '@mcp/protocol'
import { asError, McpClientError } from '../coded-error.ts'
import {
  MCP_CLIENT_ABORTED, MCP_CLIENT_BAD_MESSAGE, MCP_CLIENT_CLOSED, MCP_CLIENT_SESSION_LOST, MCP_CLIENT_STREAM_ENDED,
  MCP_CLIENT_UNEXPECTED_CONTENT
} from '../errors.ts'
import type { Answer } from '../http/answer.ts'
import { Cancellation } from '../http/caller.ts'
import type { Sendable } from '../outbox.ts'
import { EventStream, Hopeless } from '../stream/event-stream.ts'
import type { Deliver, SendOptions } from '../transport.ts'
import { messagesIn } from '../wire.ts'
import type { Conversation } from './conversation.ts'
import { callersHeaders, isModern, legacyHeaders, modernHeaders } from './message-headers.ts'
import { inBand, namesRequest, readRefusal, refusalError } from './refusal.ts'

/** A server that leaves the stream open after the response gets this long. */
const LINGER_MS = 1_000

export interface PostOptions extends SendOptions {
  /** Part of beginning a session: must not wait for a new one itself. */
  readonly handshake?: boolean
}

/** One message, its POST, and the stream that may answer it. */
export class Post implements Sendable {
  readonly modern: boolean
  readonly #talk: Conversation
  readonly #message: JsonRpcMessage
  readonly #request: JsonRpcRequest | undefined
  readonly #body: string
  readonly #options: PostOptions
  readonly #deliver: Deliver
  readonly #cancellation = new Cancellation()
  #settled = false
  #resent = false
  #following = false
  #stopLingering: (() => void) | undefined
  /** The session it was sent in. */
  #session: string | undefined

  constructor (talk: Conversation, message: JsonRpcMessage, options: PostOptions, deliver: Deliver) {
    this.#talk = talk
    this.#message = message
    this.#request = isRequest(message) ? message : undefined
    this.#body = JSON.stringify(message)
    this.#options = options
    this.#deliver = deliver
    this.modern = isModern(message, talk.session.revision)
    options.requestSignal?.addEventListener('abort', this.cancel, { once: true })
    if (options.requestSignal?.aborted === true) this.cancel()
  }

  get characters (): number {
    return this.#body.length
  }

  get safe (): boolean {
    return this.#request !== undefined && this.#talk.wire.isSafe(this.#request)
  }

  get cancelled (): boolean {
    return this.#cancellation.cancelled
  }

  /** Closes the exchange: in the modern era, that is how a request is cancelled (E-44). */
  readonly cancel = (): void => {
    this.#over()
    this.#cancellation.cancel()
  }

  /** Resolves when the server took the message. */
  async run (): Promise<void> {
    if (this.cancelled) throw new MCP_CLIENT_ABORTED()
    if (this.#request !== undefined) this.#talk.pending.set(this.#request.id, this)
    try {
      await this.#send()
    } catch (error) {
      this.#forget() // It may be run again.
      if (!this.cancelled) throw error
      throw this.#talk.wire.closed ? new MCP_CLIENT_CLOSED('', { cause: error }) : new MCP_CLIENT_ABORTED('', { cause: error })
    }
  }

  /** Instead of sending: takes up the stream of an earlier request after an event of it. */
  resume (lastEventId: string): void {
    if (this.#request !== undefined) this.#talk.pending.set(this.#request.id, this)
    this.#follow(undefined, lastEventId)
  }

  /** It will not be run again. */
  drop (): void {
    this.#over()
  }

  /** A response that came elsewhere than on this request's stream. */
  answeredBy (response: JsonRpcMessage): void {
    this.#answered(response)
    this.#cancellation.cancel()
  }

  async #send (): Promise<void> {
    const { session, wire } = this.#talk
    const handshake = this.#request?.method === 'initialize' && !this.modern
    if (handshake && this.#request !== undefined) session.begins(this.#request)
    for (let renewed = false; ; renewed = true) {
      this.#session = this.modern ? undefined : session.id
      const answer = await this.#call()
      wire.state.answered()
      if (answer.status >= 200 && answer.status < 300) {
        if (handshake) session.named(answer.header(Header.SessionId))
        return this.#take(answer)
      }
      const refusal = await readRefusal(answer)
      if (answer.status === 404 && this.#session !== undefined && !namesRequest(refusal, this.#message)) {
        // What answers a request of the lost session has nobody to go to.
        if (renewed || this.#options.handshake === true || isResponseMessage(this.#message)) throw new MCP_CLIENT_SESSION_LOST('HTTP 404', { status: 404 })
        await this.#talk.renew(this.#session)
        continue
      }
      const error = this.#request === undefined ? undefined : inBand(refusal, this.#request)
      if (error === undefined) throw refusalError(refusal)
      return this.#answered(error)
    }
  }

  #call (): Promise<Answer> {
    const { session, wire, mirror } = this.#talk
    const headers = this.modern ? modernHeaders(this.#message, session.revision, mirror) : legacyHeaders(session.headers())
    const request = { method: 'POST', url: wire.url, headers: { ...headers, ...callersHeaders(this.#options.headers) }, body: this.#body } as const
    return wire.caller.call(request, this.#cancellation)
  }

  async #take (answer: Answer): Promise<void> {
    if (!this.modern && this.#options.handshake !== true) this.#talk.session.accepted()
    // A notification or response is accepted by any 2xx, with a body or without (I-22).
    if (this.#request === undefined) return answer.discard()
    const type = essence(answer.header('content-type'))
    if (type === STREAM_TYPE) {
      this.#follow(answer)
    } else if (type === JSON_TYPE) {
      for (const message of messagesIn(await answer.text())) this.#receive(message)
      if (!this.#settled) throw new MCP_CLIENT_BAD_MESSAGE('the reply has no response to the request')
    } else {
      answer.discard()
      throw new MCP_CLIENT_UNEXPECTED_CONTENT(`HTTP ${answer.status} ${answer.header('content-type') ?? 'without a content type'}`, { status: answer.status })
    }
  }

  async #follow (answer: Answer | undefined, lastEventId?: string): Promise<void> {
    const { session, wire } = this.#talk
    const { onresumptiontoken, onRequestStreamEnd, requestSignal } = this.#options
    const stream = new EventStream(wire, {
      kind: 'request',
      cancellation: this.#cancellation,
      headers: this.modern ? undefined : () => session.headers(),
      onData: data => { for (const message of messagesIn(data)) this.#receive(message, lastEventId !== undefined) },
      onId: onresumptiontoken,
      wanted: () => !this.#settled && !this.cancelled && !wire.closed
    }, lastEventId)
    this.#following = true
    try {
      await stream.follow(answer)
    } catch (error) {
      await this.#lost(asError(error))
    }
    this.#stopLingering?.()
    if (this.#settled && requestSignal?.aborted !== true && !wire.closed) onRequestStreamEnd?.()
  }

  /** The stream is gone for good. What only reads is asked again in a new session; anything else fails, for it may have been done. */
  async #lost (error: Error): Promise<void> {
    if (this.#settled || this.cancelled || this.#talk.wire.closed) return
    const gone = error instanceof Hopeless && error.status === 404 && this.#session !== undefined
    if (!gone || this.#session === undefined) return this.#fail(error)
    try {
      await this.#talk.renew(this.#session)
      if (this.#resent || this.#request === undefined || !this.#talk.wire.isSafe(this.#request)) throw new MCP_CLIENT_SESSION_LOST('HTTP 404', { cause: error })
      this.#resent = true
      await this.run()
    } catch (failure) {
      this.#fail(asError(failure))
    }
  }

  #receive (message: JsonRpcMessage, adopt = false): void {
    const { wire, pending } = this.#talk
    if (!isResponseMessage(message)) {
      if (!this.modern || !isRequest(message)) this.#deliver(message)
      else wire.report(new MCP_CLIENT_BAD_MESSAGE(`the server may not ask ("${message.method}") in the modern era`)) // E-49
      return
    }
    const { id = null } = message
    if (id === this.#request?.id) return this.#answered(message)
    if (this.#request !== undefined && (id === null || adopt)) return this.#answered({ ...message, id: this.#request.id })
    const other = id === null ? undefined : pending.get(id)
    if (other !== undefined) return other.answeredBy(message)
    wire.report(new MCP_CLIENT_BAD_MESSAGE(`a response nobody waits for (${JSON.stringify(id)})`))
  }

  #answered (message: JsonRpcMessage): void {
    if (this.#settled) return
    this.#over()
    const request = this.#request
    if (request?.method === 'initialize' && !this.modern) this.#talk.session.answered(message)
    this.#deliver(this.modern && request !== undefined ? this.#talk.mirror.seen(request, message) : message)
    if (this.#following) this.#stopLingering = this.#talk.wire.timers.after(LINGER_MS, false, () => { this.#cancellation.cancel() })
  }

  /** The request's answer is that there will be none. */
  #fail (error: Error): void {
    const { wire } = this.#talk
    if (this.#settled || this.#request === undefined) return
    const cause = error instanceof Hopeless ? new MCP_CLIENT_STREAM_ENDED(error.message, { cause: error }) : error
    wire.report(cause)
    const data = cause instanceof McpClientError ? { code: cause.code } : {}
    this.#answered({ jsonrpc: '2.0', id: this.#request.id, error: { code: ErrorCode.InternalError, message: cause.message, data } })
  }

  #over (): void {
    this.#settled = true
    this.#options.requestSignal?.removeEventListener('abort', this.cancel)
    this.#forget()
  }

  #forget (): void {
    if (this.#request !== undefined && this.#talk.pending.get(this.#request.id) === this) this.#talk.pending.delete(this.#request.id)
  }
}
