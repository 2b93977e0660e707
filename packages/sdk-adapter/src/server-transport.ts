import {
  ErrorCode, errorResponse, isErrorResponse, isObject, isRequest, isResponseMessage,
  type Exchange, type JsonObject, type JsonRpcMessage, type JsonRpcNotification, type JsonRpcRequest, type JsonRpcResponse, type RequestId
} from '@mcp/protocol'
import { acceptNotification, acceptRequest, acceptResponse } from './accepted-message.ts'
import { exchangeOver, handlerFailed, messageRejected } from './errors.ts'
import type { Flight, Flights, Receiver } from './flights.ts'
import { withoutGeneratedDialect } from './generated-dialect.ts'
import { withholdDetails } from './handler-error.ts'
import { ownId } from './ids.ts'
import { isChange, survivesAnswer } from './message-kinds.ts'
import { lackingScopes, refuseScopes, type ScopeResolver } from './scope-gate.ts'
import type { ComplainingServer } from './sdk-server.ts'
import { withoutStackTraces } from './stack-traces.ts'
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

const DONE = Promise.resolve()

/** The transport an SDK server is connected to: routes what it sends to the exchange it belongs to. */
export class ServerTransport implements Receiver {
  onmessage?: ((message: unknown, extra?: unknown) => void) | undefined
  onclose?: (() => void) | undefined
  onerror?: ((error: Error) => void) | undefined
  sessionId?: string
  /** Nobody but the SDK hears of the close. */
  closesUnseen = false

  readonly #hooks: TransportHooks
  readonly #flights: Flights
  /** Requests of ours to the server. */
  readonly #asked = new Map<RequestId, (response: JsonRpcResponse) => void>()
  /** Requests of the server the client has yet to answer. */
  readonly #pending = new Set<RequestId>()
  #holds = 0
  #closed = false
  #scopes: ScopeResolver | undefined
  #server: ComplainingServer | undefined

  constructor (hooks: TransportHooks, flights: Flights) {
    this.#hooks = hooks
    this.#flights = flights
  }

  get closed (): boolean {
    return this.#closed
  }

  get busy (): boolean {
    return this.#flights.size > 0 || this.#asked.size > 0 || this.#pending.size > 0 || this.#holds > 0
  }

  /** Whether the server asked the client something under this id. */
  awaits (id: RequestId): boolean {
    return this.#pending.has(id)
  }

  async start (): Promise<void> {}

  /** Says which server is connected, so that what it cannot read is noticed. */
  watch (server: ComplainingServer): void {
    this.#server = server
  }

  /** Called by the SDK when tools or resources may ask for scopes. */
  setScopeChallengeResolver (resolver: ScopeResolver): void {
    this.#scopes = resolver
  }

  /** Hands a request to the server. The exchange is answered, or cancelled through its signal, later. */
  request (exchange: Exchange, message: JsonRpcRequest, extra: MessageExtra): void | Promise<void> {
    if (this.#scopes === undefined) return this.#fly(exchange, message, extra)
    const lacking = lackingScopes(this.#scopes, message, extra.authInfo)
    if (lacking === undefined) return this.#fly(exchange, message, extra)
    return this.holding(lacking.then(challenge => {
      return challenge === undefined ? this.#fly(exchange, message, extra) : refuseScopes(exchange, message, challenge)
    }))
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
    this.#enter(null, acceptNotification(message), extra)
  }

  /** Hands over the client's answer to a request of the server. */
  respond (message: JsonRpcResponse, extra: MessageExtra): void {
    if (message.id !== undefined && message.id !== null) this.#pending.delete(message.id)
    this.#enter(null, acceptResponse(message), extra)
    this.checkIdle()
  }

  /** Asks the server something on nobody's behalf. An answer always comes: closing is one, too. */
  ask (method: string, params: JsonObject, extra: MessageExtra): Promise<JsonRpcResponse> {
    const id = ownId()
    return new Promise(resolve => {
      this.#asked.set(id, resolve)
      this.#flights.enter(null, this, { jsonrpc: '2.0', id, method, params }, extra)
    })
  }

  checkIdle (): void {
    if (!this.#closed && !this.busy) this.#hooks.idle()
  }

  /** Called by the SDK: an answer, a notification or a request of the server. */
  send (message: unknown, options?: { relatedRequestId?: RequestId | undefined }): Promise<void> {
    if (!isMessage(message)) return DONE
    if (isResponseMessage(message)) return this.#answer(message)
    if (isRequest(message)) return this.#ask(message, options?.relatedRequestId)
    if (message.method === 'notifications/cancelled') this.#settle(message.params?.requestId)
    return this.#route(message, options?.relatedRequestId)
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
    if (this.closesUnseen) withoutStackTraces(() => this.onclose?.())
    else this.onclose?.()
  }

  #fly (exchange: Exchange, given: JsonRpcRequest, extra: MessageExtra): void {
    if (this.#closed) return this.#refuse(exchange, given)
    const accepted = acceptRequest(given)
    if ('fault' in accepted) {
      this.checkIdle()
      return this.#reject(exchange, given, accepted.fault)
    }
    const request = accepted.message
    const flight = this.#flights.start(exchange, request)
    exchange.onAbort(reason => this.#cancel(flight, extra, reason))
    if (flight.over) return
    flight.handed = true
    const message = flight.innerId === request.id ? request : { ...request, id: flight.innerId }
    try {
      const read = this.#enter(flight, message, extra)
      if (read || flight.over) return
      this.#flights.answered(flight)
      this.#reject(exchange, given, 'the MCP SDK does not accept this request')
      this.checkIdle()
    } catch (error) {
      this.#flights.answered(flight)
      throw error
    }
  }

  /**
   * Passes a message to the server. Answers whether the server could read it: where the server reports an error meanwhile, no handler gets
   * the message.
   */
  #enter (flight: Flight | null, message: JsonRpcMessage, extra: MessageExtra): boolean {
    const server = this.#server
    if (server === undefined) {
      this.#flights.enter(flight, this, message, extra)
      return true
    }
    let read = true
    const { onerror } = server
    server.onerror = error => {
      read = false
      onerror?.(error)
    }
    try {
      this.#flights.enter(flight, this, message, extra)
    } finally {
      server.onerror = onerror
    }
    return read
  }

  /** A request that no handler gets. */
  #reject (exchange: Exchange, { id, method }: JsonRpcRequest, fault: string): void {
    this.#hooks.onError(messageRejected(method, fault))
    exchange.send(errorResponse(id, ErrorCode.InvalidParams, `Invalid params: ${fault}`)).catch(error => this.#hooks.onError(error))
  }

  #refuse (exchange: Exchange, request: JsonRpcRequest): void {
    exchange.send(closedAnswer(request.id)).catch(error => this.#hooks.onError(error))
  }

  #cancel (flight: Flight, extra: MessageExtra, reason: string): void {
    if (flight.over) return
    if (!flight.handed) {
      this.#flights.answered(flight)
      return this.checkIdle()
    }
    this.#flights.cancelled(flight)
    const params = { requestId: flight.innerId, reason }
    this.notify({ jsonrpc: '2.0', method: 'notifications/cancelled', params }, extra)
  }

  #answer (message: JsonRpcResponse): Promise<void> {
    if (message.id === undefined || message.id === null) return DONE
    const flight = this.#flights.find(message.id)
    if (flight === undefined) {
      const asked = this.#asked.get(message.id)
      this.#asked.delete(message.id)
      asked?.(message)
      return DONE
    }
    if (flight.over) return DONE
    this.#flights.answered(flight)
    if (isErrorResponse(message)) {
      const { method } = flight.request
      return this.#deliver(flight, withholdDetails(message, detail => this.#hooks.onError(handlerFailed(method, detail))))
    }
    const answer = flight.request.method === 'tools/list' && this.#server !== undefined
      ? { ...message, result: withoutGeneratedDialect(this.#server, message.result) }
      : message
    const recorded = this.#hooks.answering?.(flight)
    return recorded === undefined ? this.#deliver(flight, answer) : recorded.then(() => this.#deliver(flight, answer))
  }

  #deliver (flight: Flight, message: JsonRpcResponse): Promise<void> {
    const { exchange, request: { id } } = flight
    const sent = exchange.send(message.id === id ? message : { ...message, id })
    this.checkIdle()
    return sent
  }

  async #ask (message: JsonRpcRequest, related: RequestId | undefined): Promise<void> {
    this.#pending.add(message.id)
    try {
      await this.#route(message, related)
    } catch (error) {
      this.#settle(message.id)
      throw error
    }
  }

  #route (message: JsonRpcRequest | JsonRpcNotification, related: RequestId | undefined): Promise<void> {
    if (isChange(message)) return this.#hooks.standalone(message)
    const flight = related === undefined ? this.#flights.own() : this.#flights.find(related)
    if (flight !== undefined && !flight.over) return flight.exchange.send(message)
    if (related === undefined && (flight === undefined || survivesAnswer(message.method))) return this.#hooks.standalone(message)
    if (isRequest(message)) return Promise.reject(exchangeOver(message.method))
    // Too late: the exchange drops it and says so in the log.
    return flight === undefined ? DONE : flight.exchange.send(message)
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
