import {
  errorResponse, isErrorResponse, isNotification, isRequest, type JsonObject, type JsonRpcErrorObject, type JsonRpcMessage,
  type JsonRpcNotification, type JsonRpcRequest, type RequestId
} from '@mcp/protocol'
import * as ErrorCode from '@mcp/protocol/error-code'
import { asError } from '../coded-error.ts'
import { MCP_CLIENT_ABORTED, MCP_CLIENT_CLOSED, MCP_CLIENT_RPC_ERROR, MCP_CLIENT_TIMEOUT } from '../errors.ts'
import type { ClientTransport } from '../transport.ts'
import { isMessage } from '../wire.ts'

/** The server's JSON-RPC error to a request. */
export class RpcError extends MCP_CLIENT_RPC_ERROR {
  readonly rpc: JsonRpcErrorObject

  constructor (rpc: JsonRpcErrorObject) {
    super(`${rpc.message} (${rpc.code})`)
    this.rpc = rpc
  }
}

export interface RpcHandlers {
  readonly onNotification?: ((notification: JsonRpcNotification) => void) | undefined
  /** Answers a request of the server with a result. Without it, only `ping` is answered. */
  readonly onRequest?: ((request: JsonRpcRequest) => JsonObject | Promise<JsonObject>) | undefined
}

export interface RpcOptions {
  /** Aborting it cancels the request. */
  readonly signal?: AbortSignal
  /** Milliseconds until the request is cancelled. Default 60 s; 0: never. */
  readonly timeoutMs?: number
  readonly headers?: Readonly<Record<string, string>> | undefined
}

interface Waiting {
  readonly resolve: (result: JsonObject) => void
  readonly reject: (error: Error) => void
}

/** Requests and answers over a transport: as much of a protocol layer as gateways and tests need. */
export class Rpc {
  readonly #transport: ClientTransport
  readonly #waiting = new Map<RequestId, Waiting>()
  readonly #handlers: RpcHandlers
  /** Modern: cancelling closes the exchange, and no notification is sent. */
  modern = false
  #id = 0

  constructor (transport: ClientTransport, handlers: RpcHandlers) {
    this.#transport = transport
    this.#handlers = handlers
    transport.onmessage = message => { if (isMessage(message)) this.#take(message) }
    transport.onclose = () => this.#fail(new MCP_CLIENT_CLOSED())
  }

  /** @throws RpcError, or what `send` throws. */
  async request (method: string, params: JsonObject | undefined, options: RpcOptions = {}): Promise<JsonObject> {
    const { signal, timeoutMs = 60_000, headers } = options
    const id = ++this.#id
    const cancel = new AbortController()
    let stop = (_error: Error): void => {}
    const answer = new Promise<JsonObject>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      stop = error => {
        reject(error)
        this.#cancel(id, method, error)
        cancel.abort()
      }
    })
    const aborted = (): void => stop(new MCP_CLIENT_ABORTED())
    signal?.addEventListener('abort', aborted, { once: true })
    const timer = timeoutMs > 0 ? setTimeout(() => stop(new MCP_CLIENT_TIMEOUT(`"${method}" after ${timeoutMs} ms`)), timeoutMs) : undefined
    try {
      if (signal?.aborted === true) throw new MCP_CLIENT_ABORTED()
      const message = { jsonrpc: '2.0', id, method, ...(params !== undefined && { params }) } as const
      const sent = this.#transport.send(message, { requestSignal: cancel.signal, headers })
      return await Promise.race([answer, sent.then(() => answer)])
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', aborted)
      this.#waiting.delete(id)
    }
  }

  async notify (method: string, params?: JsonObject): Promise<void> {
    await this.#transport.send({ jsonrpc: '2.0', method, ...(params !== undefined && { params }) })
  }

  #cancel (requestId: RequestId, method: string, error: Error): void {
    if (this.modern || method === 'initialize' || method === 'server/discover') return
    this.notify('notifications/cancelled', { requestId, reason: error.message }).catch(() => {})
  }

  #take (message: JsonRpcMessage): void {
    if (isNotification(message)) {
      this.#handlers.onNotification?.(message)
    } else if (isRequest(message)) {
      this.#answer(message).then(answer => this.#transport.send(answer)).catch((error: unknown) => {
        this.#transport.onerror?.(asError(error))
      })
    } else {
      const waiting = this.#waiting.get(message.id ?? '')
      if (isErrorResponse(message)) waiting?.reject(new RpcError(message.error))
      else waiting?.resolve(message.result)
    }
  }

  /** A request of the server always gets an answer (I-17). */
  async #answer (request: JsonRpcRequest): Promise<JsonRpcMessage> {
    const { id, method } = request
    if (method === 'ping') return { jsonrpc: '2.0', id, result: {} }
    if (this.#handlers.onRequest === undefined) return errorResponse(id, ErrorCode.MethodNotFound, `Method not found: ${method}`)
    try {
      return { jsonrpc: '2.0', id, result: await this.#handlers.onRequest(request) }
    } catch (error) {
      if (error instanceof RpcError) return { jsonrpc: '2.0', id, error: error.rpc }
      this.#transport.onerror?.(asError(error))
      return errorResponse(id, ErrorCode.InternalError, 'Internal error')
    }
  }

  #fail (error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
  }
}
