import {
  ErrorCode, errorResponse, isErrorResponse, isObject, isRequest, isResponseMessage,
  type Exchange, type JsonObject, type JsonRpcMessage, type JsonRpcNotification, type JsonRpcRequest, type JsonRpcResponse, type RequestId
} from '@mcp/protocol'
import { exchangeOver, handlerFailed } from './errors.ts'
import { currentFlight, Flights, type Flight } from './flights.ts'
import { withholdDetails } from './handler-error.ts'
import { ownId } from './ids.ts'
import { isChange, survivesAnswer } from './message-kinds.ts'
import { refuseScopes, type ScopeResolver } from './scope-gate.ts'
import type { SdkAuthInfo } from './auth-info.ts'

/** What goes with a message into an SDK server besides itself; each generation has its own. */
export interface MessageExtra {
  readonly authInfo?: SdkAuthInfo
}

export interface TransportHooks {
  /** Takes what belongs to no request. Rejects when there is nowhere to put it. */
  standalone (message: JsonRpcRequest | JsonRpcNotification): Promise<void>
  /** The server has nothing left to do or to wait for. */
  idle (): void
  closed (): void
  /** Called before a result is sent; what it returns is waited for. */
  answering? (flight: Flight): Promise<void> | undefined
  /** Takes what concerns neither client nor server code. */
  onError (error: unknown): void
}

/** The transport an SDK server is connected to: routes what it sends to the exchange it belongs to. */
export class ServerTransport {
  onmessage?: ((message: unknown, extra?: unknown) => void) | undefined
  onclose?: (() => void) | undefined
  onerror?: ((error: Error) => void) | undefined
  sessionId?: string

  readonly #hooks: TransportHooks
  readonly #flights: Flights
  /** Requests of ours to the server. */
  readonly #asked = new Map<RequestId, (response: JsonRpcResponse) => void>()
  /** Requests of the server the client has yet to answer. */
  readonly #pending = new Set<RequestId>()
  #holds = 0
  #closed = false
  #scopes: ScopeResolver | undefined

  constructor (hooks: TransportHooks, flights = new Flights()) {
    this.#hooks = hooks
    this.#flights = flights
  }

  get closed (): boolean {
    return this.#closed
  }

  get busy (): boolean {
    return this.#flights.size > 0 || this.#asked.size > 0 || this.#pending.size > 0 || this.#holds > 0
  }

  /** What the running code works for. */
  get currentRequest (): JsonRpcRequest | undefined {
    return this.#flights.own()?.request
  }

  async start (): Promise<void> {}

  /** Called by the SDK when tools or resources may ask for scopes. */
  setScopeChallengeResolver (resolver: ScopeResolver): void {
    this.#scopes = resolver
  }

  /** Hands a request to the server. The exchange is answered, or cancelled through its signal, later. */
  request (exchange: Exchange, message: JsonRpcRequest, extra: MessageExtra): void | Promise<void> {
    if (this.#scopes === undefined) return this.#fly(exchange, message, extra)
    const refusal = refuseScopes(this.#scopes, message, extra.authInfo)
    if (refusal === undefined) return this.#fly(exchange, message, extra)
    return this.holding(refusal.then(error => error === undefined ? this.#fly(exchange, message, extra) : exchange.send(error)))
  }

  /** Counts the server as busy until `work` is done. */
  async holding<T> (work: Promise<T>): Promise<T> {
    this.#holds++
    try {
      return await work
    } finally {
      this.#release()
    }
  }

  /** Hands over a notification; the server counts as busy until its handler had a turn. */
  notify (message: JsonRpcNotification, extra: MessageExtra): void {
    this.#holds++
    setImmediate(() => this.#release())
    currentFlight.run(null, () => this.onmessage?.(message, extra))
  }

  /** Hands over the client's answer to a request of the server. */
  respond (message: JsonRpcResponse, extra: MessageExtra): void {
    if (message.id !== undefined && message.id !== null) this.#pending.delete(message.id)
    currentFlight.run(null, () => this.onmessage?.(message, extra))
    this.checkIdle()
  }

  /** Asks the server something on nobody's behalf. An answer always comes: closing is one, too. */
  ask (method: string, params: JsonObject, extra: MessageExtra): Promise<JsonRpcResponse> {
    const id = ownId()
    return new Promise(resolve => {
      this.#asked.set(id, resolve)
      currentFlight.run(null, () => this.onmessage?.({ jsonrpc: '2.0', id, method, params }, extra))
    })
  }

  checkIdle (): void {
    if (!this.#closed && !this.busy) this.#hooks.idle()
  }

  /** Called by the SDK: an answer, a notification or a request of the server. */
  async send (message: unknown, options?: { relatedRequestId?: RequestId | undefined }): Promise<void> {
    if (!isMessage(message)) return
    if (isResponseMessage(message)) return this.#answer(message)
    if (!isRequest(message)) {
      if (message.method === 'notifications/cancelled') this.#settle(message.params?.requestId)
      return this.#route(message, options?.relatedRequestId)
    }
    this.#pending.add(message.id)
    try {
      await this.#route(message, options?.relatedRequestId)
    } catch (error) {
      this.#settle(message.id)
      throw error
    }
  }

  /** Ends everything under way. Requests nobody cancelled are answered with an error, so that no client waits in vain. */
  async close (): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const { exchange, request } of this.#flights.clear()) this.#refuse(exchange, request)
    for (const [id, resolve] of this.#asked) resolve(closedAnswer(id))
    this.#asked.clear()
    this.#pending.clear()
    this.#hooks.closed()
    this.onclose?.()
  }

  #fly (exchange: Exchange, request: JsonRpcRequest, extra: MessageExtra): void {
    if (exchange.signal.aborted) return this.checkIdle()
    if (this.#closed) return this.#refuse(exchange, request)
    const flight = this.#flights.start(exchange, request, flight => this.#cancel(flight, extra))
    const message = flight.innerId === request.id ? request : { ...request, id: flight.innerId }
    try {
      currentFlight.run(flight, () => this.onmessage?.(message, extra))
    } catch (error) {
      this.#flights.answered(flight)
      throw error
    }
  }

  #refuse (exchange: Exchange, request: JsonRpcRequest): void {
    exchange.send(closedAnswer(request.id)).catch(error => this.#hooks.onError(error))
  }

  #cancel (flight: Flight, extra: MessageExtra): void {
    this.#flights.cancelled(flight)
    const reason: unknown = flight.exchange.signal.reason
    const params = { requestId: flight.innerId, reason: reason instanceof Error ? reason.message : String(reason) }
    this.notify({ jsonrpc: '2.0', method: 'notifications/cancelled', params }, extra)
  }

  async #answer (message: JsonRpcResponse): Promise<void> {
    if (message.id === undefined || message.id === null) return
    const asked = this.#asked.get(message.id)
    if (asked !== undefined) {
      this.#asked.delete(message.id)
      return asked(message)
    }
    const flight = this.#flights.find(message.id)
    if (flight === undefined || flight.over) return
    this.#flights.answered(flight)
    const { id, method } = flight.request
    const answer = withholdDetails(message, detail => this.#hooks.onError(handlerFailed(method, detail)))
    const record = isErrorResponse(answer) ? undefined : this.#hooks.answering?.(flight)
    if (record !== undefined) await record
    const sent = flight.exchange.send(answer.id === id ? answer : { ...answer, id })
    this.checkIdle()
    return sent
  }

  #route (message: JsonRpcRequest | JsonRpcNotification, related: RequestId | undefined): Promise<void> {
    if (isChange(message)) return this.#hooks.standalone(message)
    const flight = related === undefined ? this.#flights.own() : this.#flights.find(related)
    if (flight !== undefined && !flight.over) return flight.exchange.send(message)
    if (related === undefined && (flight === undefined || survivesAnswer(message.method))) return this.#hooks.standalone(message)
    if (isRequest(message)) return Promise.reject(exchangeOver(message.method))
    // Too late: the exchange drops it and says so in the log.
    return flight === undefined ? Promise.resolve() : flight.exchange.send(message)
  }

  #settle (id: unknown): void {
    if ((typeof id === 'number' || typeof id === 'string') && this.#pending.delete(id)) setImmediate(() => this.checkIdle())
  }

  #release (): void {
    this.#holds--
    this.checkIdle()
  }
}

/** What the SDK sends is well formed; its types are just not ours. */
function isMessage (value: unknown): value is JsonRpcMessage {
  return isObject(value) && value.jsonrpc === '2.0'
}

function closedAnswer (id: RequestId): JsonRpcResponse {
  return errorResponse(id, ErrorCode.InternalError, 'The server closed')
}
