import { essence, isRequest, isResponseMessage, JSON_TYPE, STREAM_TYPE, type JsonRpcMessage, type JsonRpcRequest } from '@mcp/protocol'
import { MCP_CLIENT_BAD_MESSAGE, MCP_CLIENT_UNEXPECTED_CONTENT } from '../errors.ts'
import type { Answer } from '../http/answer.ts'
import type { Cancellation } from '../http/caller.ts'
import { failureResponse } from '../outgoing.ts'
import { EventStream } from '../stream/event-stream.ts'
import type { Deliver, SendOptions } from '../transport.ts'
import { messagesIn } from '../wire.ts'
import type { Conversation } from './conversation.ts'

/** A server that leaves the stream open after the response gets this long. */
const LINGER_MS = 1_000

export interface ReplyContext {
  readonly talk: Conversation
  readonly request: JsonRpcRequest
  readonly modern: boolean
  readonly cancellation: Cancellation
  readonly options: SendOptions
  readonly deliver: Deliver
}

/** What a request waits for: JSON, or a stream over as many connections as it takes. It is answered once. */
export class Reply {
  readonly #context: ReplyContext
  #settled = false
  #following = false
  #stopLingering = (): void => {}

  constructor (context: ReplyContext) {
    this.#context = context
    const { requestSignal } = context.options
    requestSignal?.addEventListener('abort', this.cancel, { once: true })
    if (requestSignal?.aborted === true) this.cancel()
  }

  /** Closes the exchange: in the modern era, that is how a request is cancelled (E-44). */
  readonly cancel = (): void => {
    this.drop()
    this.#context.cancellation.cancel()
  }

  /** From now on, a response that comes elsewhere finds its request. */
  expect (): void {
    this.#context.talk.pending.set(this.#context.request.id, this)
  }

  forget (): void {
    const { talk: { pending }, request: { id } } = this.#context
    if (pending.get(id) === this) pending.delete(id)
  }

  /** Nothing is expected any more. */
  drop (): void {
    this.#settled = true
    this.#context.options.requestSignal?.removeEventListener('abort', this.cancel)
    this.forget()
  }

  /** Reads an answer that is JSON. @returns Whether it is a stream, which is to be followed. */
  async take (answer: Answer): Promise<boolean> {
    const contentType = answer.header('content-type')
    const type = essence(contentType)
    if (type === STREAM_TYPE) return true
    if (type !== JSON_TYPE) {
      answer.discard()
      throw new MCP_CLIENT_UNEXPECTED_CONTENT(`HTTP ${answer.status} ${contentType ?? 'without a type'}`, { status: answer.status })
    }
    for (const message of messagesIn(await answer.text())) this.#receive(message, false)
    if (!this.#settled) throw new MCP_CLIENT_BAD_MESSAGE('no response in the reply')
    return false
  }

  /** @throws When the stream is gone before the response. */
  async follow (answer: Answer | undefined, lastEventId?: string): Promise<void> {
    const { talk: { wire, session }, cancellation, modern, options } = this.#context
    const stream = new EventStream(wire, {
      kind: 'request',
      cancellation,
      headers: modern ? undefined : () => session.headers(),
      onData: data => { for (const message of messagesIn(data)) this.#receive(message, lastEventId !== undefined) },
      onId: options.onresumptiontoken,
      wanted: () => !this.#settled && !wire.closed
    }, lastEventId)
    this.#following = true
    try {
      await stream.follow(answer)
    } catch (error) {
      if (!this.#settled && !wire.closed) throw error
    }
    this.#streamEnded()
  }

  answered (message: JsonRpcMessage): void {
    if (this.#settled) return
    this.drop()
    const { talk: { wire, session, mirror }, request, modern, cancellation, deliver } = this.#context
    if (request.method === 'initialize' && !modern) session.answered(message)
    deliver(modern ? mirror.seen(request, message) : message)
    if (this.#following) this.#stopLingering = wire.timers.after(LINGER_MS, false, () => { cancellation.cancel() })
  }

  /** The request's answer is that there will be none. */
  fail (error: Error): void {
    const { talk: { wire }, request } = this.#context
    if (this.#settled || wire.closed) return
    wire.report(error)
    this.answered(failureResponse(request.id, error))
    this.#streamEnded()
  }

  #streamEnded (): void {
    this.#stopLingering()
    const { talk: { wire }, options } = this.#context
    if (options.requestSignal?.aborted !== true && !wire.closed) options.onRequestStreamEnd?.()
  }

  /** @param adopt Whether a response under another id is this request's: its stream was another one's before. */
  #receive (message: JsonRpcMessage, adopt: boolean): void {
    const { talk, request, modern, deliver } = this.#context
    if (!isResponseMessage(message)) {
      if (!modern || !isRequest(message)) deliver(message)
      else talk.wire.report(new MCP_CLIENT_BAD_MESSAGE(`"${message.method}", asked by a modern server`)) // E-49
      return
    }
    const { id = null } = message
    if (id === null || id === request.id || adopt) return this.answered({ ...message, id: request.id })
    talk.answered(message)
  }
}
