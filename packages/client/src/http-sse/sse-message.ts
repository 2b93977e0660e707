import { isRequest, JSON_TYPE, STREAM_TYPE, type JsonRpcMessage } from '@mcp/protocol'
import { MCP_CLIENT_ABORTED, MCP_CLIENT_UNREACHABLE } from '../errors.ts'
import { Cancellation } from '../http/caller.ts'
import type { Sendable } from '../outbox.ts'
import { callersHeaders } from '../streamable/message-headers.ts'
import { inBand, readRefusal, refusalError } from '../streamable/refusal.ts'
import type { SendOptions } from '../transport.ts'
import type { Wire } from '../wire.ts'

/** Where messages of the connection that is open go, and with which headers. */
export interface Destination {
  readonly endpoint: URL
  readonly headers: Record<string, string>
}

/** One message to the endpoint of an HTTP+SSE server; its answer comes on the stream. */
export class SseMessage implements Sendable {
  readonly message: JsonRpcMessage
  /** It was sent again after its connection was lost: not a second time. */
  resent = false
  readonly #wire: Wire
  readonly #body: string
  readonly #options: SendOptions
  readonly #destination: () => Destination | undefined
  readonly #refused: (error: JsonRpcMessage) => void
  readonly #cancellation = new Cancellation()

  /** @param refused Takes the server's error where it answers the POST with one. */
  constructor (
    wire: Wire, message: JsonRpcMessage, options: SendOptions, destination: () => Destination | undefined,
    refused: (error: JsonRpcMessage) => void
  ) {
    this.#wire = wire
    this.message = message
    this.#body = JSON.stringify(message)
    this.#options = options
    this.#destination = destination
    this.#refused = refused
  }

  get characters (): number {
    return this.#body.length
  }

  get safe (): boolean {
    return isRequest(this.message) && this.#wire.isSafe(this.message)
  }

  get cancelled (): boolean {
    return this.#options.requestSignal?.aborted === true
  }

  async run (): Promise<void> {
    const destination = this.#destination()
    if (this.cancelled) throw new MCP_CLIENT_ABORTED()
    if (destination === undefined) throw new MCP_CLIENT_UNREACHABLE('the stream is not open')
    const headers = { 'content-type': JSON_TYPE, accept: `${JSON_TYPE}, ${STREAM_TYPE}`, ...destination.headers, ...callersHeaders(this.#options.headers) }
    const answer = await this.#wire.caller.call({ method: 'POST', url: destination.endpoint, headers, body: this.#body }, this.#cancellation)
    if (answer.status >= 200 && answer.status < 300) return answer.discard()
    const refusal = await readRefusal(answer)
    const error = isRequest(this.message) ? inBand(refusal, this.message) : undefined
    if (error === undefined) throw refusalError(refusal)
    this.#refused(error)
  }
}
