import { isRequest, type JsonRpcMessage, type JsonRpcRequest, type JsonRpcResponse, type RequestId } from '@mcp/protocol'
import { asError } from '../coded-error.ts'
import { MCP_CLIENT_STREAM_ENDED } from '../errors.ts'
import { HttpTransport } from '../http-transport.ts'
import { failureResponse } from '../outgoing.ts'
import type { SendOptions } from '../transport.ts'
import { SseMessage, type SseTalk } from './sse-message.ts'
import { SseStream } from './sse-stream.ts'

/** A handshake of ours, and who waits for its answer. */
interface Greeting {
  readonly id: RequestId
  readonly resolve: (answer: JsonRpcMessage) => void
  readonly reject: (error: Error) => void
}

/** The two-endpoint transport of 2024-11-05. A stream that is lost is opened anew, with a handshake of its own (F-17). */
export class HttpSseTransport extends HttpTransport {
  readonly #talk: SseTalk = { wire: this.wire, session: this.session, endpoint: undefined }
  readonly #pending = new Map<RequestId, SseMessage>()
  readonly #stream = new SseStream(this.#talk, {
    onData: data => this.wire.take(data, response => this.#answered(response)),
    again: () => this.#again(),
    lost: failure => this.#lost(failure),
    gaveUp: error => this.#giveUp(error)
  })

  #greeting: Greeting | undefined

  /** Resolves when the server has named its endpoint. */
  protected async open (): Promise<void> {
    await this.#stream.start()
    this.wire.state.answered()
  }

  protected async dispatch (message: JsonRpcMessage, options: SendOptions): Promise<void> {
    const item = this.#item(message, options)
    if (isRequest(message)) this.#pending.set(message.id, item)
    try {
      await this.outbox.send(item)
    } catch (error) {
      // A request that has its answer, be it that it failed with its stream, has no second outcome.
      if (!isRequest(message) || this.#pending.delete(message.id)) throw error
    }
  }

  protected async leave (): Promise<void> {
    this.#stream.close()
  }

  #item (message: JsonRpcMessage, options: SendOptions): SseMessage {
    return new SseMessage(this.#talk, message, options, error => this.#answered(error))
  }

  /** Nothing of the old connection can be answered any more. What only reads can be asked again, anything else may have been done. */
  #lost (failure: Error): void {
    this.outbox.hold()
    this.wire.state.trouble(this, true)
    const error = new MCP_CLIENT_STREAM_ENDED(failure.message, { cause: failure })
    this.#greeting?.reject(error)
    for (const item of [...this.#pending.values()]) {
      if (item.accepted && (item.resent || !item.safe || !this.session.repeatable)) this.#fail(item, error)
    }
  }

  /** Connected again: the handshake, what is asked again, what waited. */
  async #again (): Promise<void> {
    const tell = (message: JsonRpcMessage): Promise<void> => this.#item(message, {}).run()
    const result = this.session.repeatable ? await this.session.greet({ ask: request => this.#ask(request), tell }) : undefined
    this.wire.state.trouble(this, false)
    this.outbox.release()
    for (const item of [...this.#pending.values()].filter(({ accepted }) => accepted)) {
      item.accepted = false
      item.resent = true
      this.outbox.send(item).catch((error: unknown) => this.#fail(item, asError(error)))
    }
    if (result !== undefined) this.wire.listeners.onsession?.(result)
  }

  #ask (request: JsonRpcRequest): Promise<JsonRpcMessage> {
    return new Promise((resolve, reject) => {
      this.#greeting = { id: request.id, resolve, reject }
      this.#item(request, {}).run().catch(reject)
    })
  }

  #giveUp (error: Error): void {
    this.wire.report(error)
    for (const item of [...this.#pending.values()]) if (item.accepted) this.#fail(item, error)
    this.outbox.drop(error)
    this.close().catch(failure => this.wire.report(failure))
  }

  #fail (item: SseMessage, error: Error): void {
    const { request } = item
    if (request === undefined || !this.#pending.delete(request.id)) return
    item.answered = true
    this.wire.deliver(failureResponse(request.id, error))
  }

  #answered (message: JsonRpcResponse): void {
    const item = this.#pending.get(message.id ?? '')
    if (item?.request === undefined) {
      if (message.id !== this.#greeting?.id) return this.wire.stray(message)
      this.session.answered(message)
      return this.#greeting?.resolve(message)
    }
    item.answered = true
    this.#pending.delete(item.request.id)
    if (item.request.method === 'initialize' && 'result' in message) {
      this.session.begins(item.request)
      this.session.answered(message)
    }
    this.wire.deliver(message)
  }
}
