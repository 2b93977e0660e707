import { isRequest, JSON_TYPE, STREAM_TYPE, type JsonRpcError, type JsonRpcMessage, type JsonRpcRequest, type RequestId } from '@mcp/protocol'
import * as ErrorCode from '@mcp/protocol/error-code'
import { McpClientError } from './coded-error.ts'
import type { Answer } from './http/answer.ts'
import { Cancellation } from './http/caller.ts'
import { callersHeaders } from './http/own-headers.ts'
import type { Sendable } from './outbox.ts'
import type { SendOptions } from './transport.ts'
import type { Wire } from './wire.ts'

/** A message on its way to the server. */
export abstract class Outgoing implements Sendable {
  /** The message, where it is a request. */
  readonly request: JsonRpcRequest | undefined
  protected readonly wire: Wire
  protected readonly options: SendOptions
  protected readonly cancellation = new Cancellation()
  readonly #body: string

  constructor (wire: Wire, message: JsonRpcMessage, options: SendOptions) {
    this.wire = wire
    this.options = options
    this.request = isRequest(message) ? message : undefined
    this.#body = JSON.stringify(message)
  }

  get characters (): number {
    return this.#body.length
  }

  get safe (): boolean {
    return this.request !== undefined && this.wire.isSafe(this.request)
  }

  get cancelled (): boolean {
    return this.cancellation.cancelled || this.options.requestSignal?.aborted === true
  }

  abstract run (): Promise<void>

  protected post (url: URL, headers: Readonly<Record<string, string>>): Promise<Answer> {
    const all = { 'content-type': JSON_TYPE, accept: `${JSON_TYPE}, ${STREAM_TYPE}`, ...headers, ...callersHeaders(this.options.headers) }
    return this.wire.caller.call({ method: 'POST', url, headers: all, body: this.#body }, this.cancellation)
  }
}

/** What a request is answered with when there will be no answer. */
export function failureResponse (id: RequestId, error: Error): JsonRpcError {
  const data = error instanceof McpClientError ? { code: error.code } : {}
  return { jsonrpc: '2.0', id, error: { code: ErrorCode.InternalError, message: error.message, data } }
}
