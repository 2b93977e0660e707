/** Where the answer to one message goes: the stream of its session, which carries the answers to all. */
import { errorResponse, type JsonRpcMessage, type JsonRpcResponse, type Refusal } from '@mcp/protocol'
import type { EventStream } from '@mcp/sse'
import type { HttpExchange, ReplyChannel, ReplyHost, RunningReply } from '@mcp/streamable-core'

const READY = Promise.resolve()

export class SseReply implements ReplyChannel, RunningReply {
  readonly streams = true
  /** Its POST was answered before it ran. */
  readonly committed = true
  readonly #stream: EventStream
  readonly #host: ReplyHost
  #exchange: HttpExchange | null = null
  #over = false

  constructor (stream: EventStream, host: ReplyHost) {
    this.#stream = stream
    this.#host = host
  }

  get over (): boolean {
    return this.#over
  }

  get exchanges (): readonly HttpExchange[] {
    return this.#exchange === null ? [] : [this.#exchange]
  }

  add (exchange: HttpExchange): void {
    this.#exchange = exchange
  }

  push (message: JsonRpcMessage): Promise<void> {
    return this.#over ? READY : this.#stream.send(JSON.stringify(message), false)
  }

  answer (response: JsonRpcResponse): Promise<void> {
    const json = JSON.stringify(response)
    if (this.#over) return READY
    this.abandon()
    return this.#stream.send(json, false)
  }

  refuse (refusal: Refusal): Promise<void> {
    const { id, code, message, data } = refusal
    this.#host.observers?.refused(refusal)
    return this.answer(errorResponse(id, code, message, data))
  }

  abandon (): void {
    if (this.#over) return
    this.#over = true
    this.#host.finish(this)
  }

  /** There is no resuming in this transport, so the connection stays. */
  release (): void {}

  /** The stream keeps itself alive. */
  sweep (): void {}
}
