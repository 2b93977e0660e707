/**
 * The HTTP reply of one POST. The first outbound message decides its form: a response makes it JSON, anything else opens
 * a stream. From then on the form is fixed.
 */
import {
  errorResponse, isErrorResponse, modernErrorStatus, type Acceptable, type JsonRpcMessage, type JsonRpcResponse, type Refusal,
  type StreamWatch
} from '@mcp/protocol'
import type { EventStream } from '@mcp/sse'
import type { FastifyReply } from 'fastify'
import type { HttpExchange } from './http-exchange.ts'
import type { ReplyChannel, ReplyHost, RunningReply } from './reply-channel.ts'
import { sendAccepted, sendJson, sendRefusal } from './refusal.ts'

/** How a reply becomes a stream; the legacy era keeps it in the session, the modern era does not. */
export interface StreamOpener {
  open (reply: FastifyReply, owner: PostReply): EventStream
  /** Closes the connection of the opened stream, on whichever node it is by now; ignored where streams are not kept. */
  release (retryMs: number): void
}

export type ReplyForm = 'auto' | 'json' | 'stream'

const READY = Promise.resolve()

export class PostReply implements ReplyChannel, RunningReply {
  readonly #reply: FastifyReply
  readonly #acceptable: Acceptable
  readonly #form: ReplyForm
  readonly #opener: StreamOpener
  readonly #batch: boolean
  readonly #exchanges: HttpExchange[] = []
  readonly #host: ReplyHost
  /** Responses of a batch that is answered as JSON. */
  #collected: string[] | null = null
  #pending = 0
  #stream: EventStream | null = null
  #over = false
  #sweeps = 0

  constructor (
    reply: FastifyReply, acceptable: Acceptable, form: ReplyForm, batch: boolean, opener: StreamOpener, host: ReplyHost
  ) {
    this.#reply = reply
    this.#acceptable = acceptable
    this.#form = form
    this.#batch = batch
    this.#opener = opener
    this.#host = host
  }

  get exchanges (): readonly HttpExchange[] {
    return this.#exchanges
  }

  get over (): boolean {
    return this.#over
  }

  get committed (): boolean {
    return this.#over || this.#stream !== null || this.#batch
  }

  get streams (): boolean {
    return this.#acceptable.stream && this.#form !== 'json'
  }

  add (exchange: HttpExchange): void {
    this.#exchanges.push(exchange)
    this.#pending++
  }

  push (message: JsonRpcMessage): Promise<void> | null {
    if (this.#over) return READY
    if (this.#stream === null && !this.streams) return null
    return this.#streaming().send(JSON.stringify(message), false)
  }

  answer (response: JsonRpcResponse, modern: boolean): Promise<void> {
    const json = JSON.stringify(response)
    if (this.#over) return READY
    const last = --this.#pending === 0
    if (this.#stream === null && this.#takesJson()) {
      if (this.#batch) this.#collect(json, last)
      else this.#finishJson(json, modern && isErrorResponse(response) ? modernErrorStatus(response.error.code) : 200)
      return READY
    }
    const room = this.#streaming().send(json, last)
    if (last) this.#finish()
    return room
  }

  refuse (refusal: Refusal): Promise<void> {
    if (this.#over) return READY
    this.#finish()
    if (this.#stream === null) {
      sendRefusal(this.#reply, refusal)
      return READY
    }
    const { id, code, message, data } = refusal
    this.#host.observers?.refused(refusal)
    return this.#stream.send(JSON.stringify(errorResponse(id, code, message, data)), true)
  }

  abandon (): void {
    if (this.#over || --this.#pending > 0) return
    if (this.#collected !== null) return this.#finishJson(`[${this.#collected.join(',')}]`, 200)
    this.#finish()
    if (this.#stream === null && !this.streams) return sendAccepted(this.#reply)
    // Nothing was said and nothing will be: a client that got an event id here would come back for more.
    if (this.#stream === null) this.#reply.mcpStream().end()
    else this.#stream.end()
  }

  release (retryMs: number): void {
    if (this.#over || !this.streams) return
    this.#streaming()
    this.#opener.release(retryMs)
  }

  /** Called several times in a keep-alive interval: a reply that says nothing for long becomes a stream that can (C-33). */
  sweep (): void {
    if (this.#stream === null && !this.#over && this.streams && ++this.#sweeps >= 2) this.#streaming()
  }

  /** Follows the connection of the stream this reply becomes. */
  watchStream (): StreamWatch | undefined {
    const [exchange] = this.#exchanges
    if (exchange === undefined) return undefined
    return this.#host.observers?.streamOpened({ kind: 'post', revision: exchange.revision, session: exchange.session })
  }

  /** The connection is gone; whoever still runs for it is told. */
  lost (reason: string): void {
    this.#finish()
    for (const exchange of this.#exchanges) exchange.abort(reason)
  }

  /** The application sends without waiting for room, and no more may wait: its calls end with an error. */
  flooded (): void {
    this.#reply.log.error('the application sends faster than its messages can be delivered, and does not wait: the call ends')
    for (const exchange of this.#exchanges) exchange.refuse('The call sent more messages than could be delivered')
  }

  /** A response goes out as JSON unless the client does not take it, or streams are forced and it does take those. */
  #takesJson (): boolean {
    if (!this.#acceptable.stream) return true
    return this.#acceptable.json && this.#form !== 'stream'
  }

  #collect (json: string, last: boolean): void {
    const collected = this.#collected ??= []
    collected.push(json)
    if (last) this.#finishJson(`[${collected.join(',')}]`, 200)
  }

  #streaming (): EventStream {
    if (this.#stream !== null) return this.#stream
    this.#stream = this.#opener.open(this.#reply, this)
    for (const json of this.#collected ?? []) this.#stream.send(json, false).catch(error => this.#reply.log.error({ err: error }, 'a message cannot be sent'))
    this.#collected = null
    return this.#stream
  }

  #finishJson (json: string, status: number): void {
    this.#finish()
    sendJson(this.#reply, status, json)
  }

  #finish (): void {
    if (this.#over) return
    this.#over = true
    this.#host.finish(this)
  }
}
