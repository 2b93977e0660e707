/** A request with its reply: what an application sees of one JSON-RPC request. */
import {
  completeResult, ErrorCode, errorResponse, eraOf, isRequest, isResponseMessage, messageKind, MetaKey, metaOf, reachesLogLevel,
  type JsonRpcMessage, type JsonRpcNotification, type JsonRpcRequest, type JsonRpcResponse, type Observers, type Principal,
  type Refusal, type RequestId, type RequestInfo, type Revision, type WatchedCall
} from '@mcp/protocol'
import { guardedController, type LiveSession, type ResponseWaiter, type RunningRequest } from '@mcp/session'
import { failureDetails, inBackground } from '@mcp/storage'
import { MCP_ENDPOINT_NO_CLIENT_REQUESTS } from './errors.ts'
import type { ExchangeHost, RunnableExchange } from './exchange-host.ts'
import { InboundExchange, sourceOf } from './inbound-exchange.ts'
import { logFields, logged } from './logged.ts'
import { Pacer, TOO_MANY } from './pacer.ts'
import type { Opening, ReplyChannel } from './reply-channel.ts'
import { FastifyRequestInfo, type MessageOrigin } from './request-info.ts'
import { sessionRefusal } from './refusal.ts'
import { isResult } from './returned.ts'
import { primes } from './streams.ts'

const DONE = Promise.resolve()
/** Methods of messages that were dropped, as far as the log of one exchange names them. */
const LOGGED_METHODS = 16

export class HttpExchange implements RunnableExchange, RunningRequest, ResponseWaiter {
  readonly message: JsonRpcRequest
  readonly revision: Revision
  readonly session: LiveSession | null
  readonly principal: Principal | null
  readonly begunAt = Date.now()
  readonly #host: ExchangeHost
  readonly #request: MessageOrigin
  readonly #reply: ReplyChannel
  readonly #opening: Opening | null
  #watch: WatchedCall | undefined
  #controller: AbortController | null = null
  #onAbort: ((reason: string) => void) | null = null
  #abortReason: string | null = null
  #over = false
  #asksClient = false
  #settled = false
  /** Methods of which the log says that they were dropped. */
  #dropped: Set<string> | null = null
  #misanswered = false
  #pacer: Pacer | null = null

  constructor (
    message: JsonRpcRequest, revision: Revision, session: LiveSession | null, request: MessageOrigin, reply: ReplyChannel,
    host: ExchangeHost, opening: Opening | null = null
  ) {
    this.message = message
    this.revision = revision
    this.session = session
    this.principal = request.mcpPrincipal
    this.#request = request
    this.#reply = reply
    this.#host = host
    this.#opening = opening
    reply.add(this)
    session?.begin(this)
  }

  observe (observers: Observers): WatchedCall | undefined {
    this.#watch = observers.began(this)
    return this.#watch
  }

  get requestId (): RequestId {
    return this.message.id
  }

  get request (): RequestInfo {
    return new FastifyRequestInfo(this.#request)
  }

  get signal (): AbortSignal {
    if (this.#controller === null) {
      this.#controller = guardedController(error => this.#failedLate(error))
      if (this.#abortReason !== null) this.#controller.abort(abortError(this.#abortReason))
    }
    return this.#controller.signal
  }

  onAbort (listener: (reason: string) => void): void {
    const reason = this.#abortReason
    if (reason !== null) inBackground(() => listener(reason), error => this.#failedLate(error))
    else if (!this.#over) this.#onAbort = listener
  }

  send (message: JsonRpcMessage): Promise<void> {
    if (this.#over) return this.#drop(message, 'the exchange is over')
    if (isResponseMessage(message)) return this.#answer(message)
    if (isRequest(message)) return this.#ask(message)
    return this.#notify(message)
  }

  detach (retryAfterMs?: number): void {
    // Before there was priming, a client may know no event to come back with, and a stream ends with its response (C-13).
    if (this.#over || this.session === null || this.#opening !== null || !primes(this.session)) return
    this.#reply.release(retryAfterMs ?? this.#host.retryMs)
  }

  challenge (scopes: readonly string[]): boolean {
    const refusal = this.#over ? null : this.#host.lacking(scopes)
    if (refusal === null || this.#reply.committed) return false
    this.#finish()
    this.#inBackground(this.#refuse({ ...refusal, id: this.message.id }))
    return true
  }

  /** The client's response to a request this exchange sent, under the id the application gave it. */
  respond (response: JsonRpcResponse): void {
    this.#host.run(new InboundExchange(response, this.revision, this.session, sourceOf(this.#request)))
  }

  /** `notifications/cancelled`, or the end of the session: no response follows. */
  cancel (reason: string): void {
    if (this.#over) return
    this.#finish()
    this.#watch?.ended({ kind: 'cancelled', reason })
    this.#fire(reason)
    this.#reply.abandon()
  }

  /** Nobody can hear the answer any more: fires the signal, and nothing more is sent. */
  abort (reason: string): void {
    if (this.#over) return
    this.#finish()
    this.#watch?.ended({ kind: 'lost', reason })
    this.#fire(reason)
  }

  /** What the application returned is the result of the request. Where nothing answers the request, the client gets an error. */
  settled (returned: unknown, later: boolean): void {
    this.#settled = true
    this.#watch?.settled()
    if (isResult(returned)) return this.#inBackground(this.send({ jsonrpc: '2.0', id: this.message.id, result: returned }))
    if (this.#over) return
    if (returned !== undefined && returned !== null) this.#unanswered(`the application returned ${typeOf(returned)}, not a result object`)
    else if (this.#misanswered || (later && !this.#held)) this.#unanswered('the application settled without an answer')
  }

  /** The application failed: an unanswered request gets an error that says nothing of why. */
  fail (error: unknown): void {
    this.#request.log.error({ err: error, ...logFields(this.message) }, 'the application failed')
    this.#watch?.failed(error)
    this.#watch?.settled()
    if (this.#over) return
    this.#inBackground(this.#answer(errorResponse(this.message.id, ErrorCode.InternalError, 'Internal error')))
  }

  /** Ends an unanswered request with an error of the transport's own, and fires the signal. */
  refuse (message: string): void {
    if (this.#over) return
    this.#inBackground(this.#answer(errorResponse(this.message.id, ErrorCode.InternalError, message)))
    this.#fire(message)
  }

  /** The application waits for the end of the request, or for the client: it may answer later. */
  get #held (): boolean {
    return this.#onAbort !== null || this.#asksClient
  }

  /** A response to another request. The right one may follow while the application works; nothing follows it when it has settled. */
  #misanswer (given: JsonRpcResponse): Promise<void> {
    this.#misanswered = true
    const reason = `its id is not that of the request: ${logged(String(given.id))}`
    this.#request.log.error({ ...logFields(this.message), dropped: 'response', reason }, 'message dropped')
    if (this.#settled) this.#unanswered('the application answered with another id')
    return DONE
  }

  /** The application does not answer, or not this request: an error is better than a client that waits. */
  #unanswered (reason: string): void {
    this.#request.log.error({ ...logFields(this.message), reason }, 'the request got no answer')
    this.#watch?.failed(new Error(reason))
    this.#inBackground(this.#answer(errorResponse(this.message.id, ErrorCode.InternalError, 'Internal error')))
  }

  #answer (given: JsonRpcResponse): Promise<void> {
    if (given.id !== this.message.id) return this.#misanswer(given)
    const response = this.#checked(given)
    this.#pacer?.flush()
    this.#finish()
    if (this.#opening === null) return this.#write(response)
    try {
      const refusal = this.#opening.settle(response)
      if (refusal === null) return this.#write(response)
      if (!(refusal instanceof Promise)) return this.#refuse(refusal)
      return refusal.then(late => late === null ? this.#write(response) : this.#refuse(late)).catch(error => this.#unstored(error))
    } catch (error) {
      return this.#unstored(error)
    }
  }

  /** The storage does not take the session that `initialize` opens. */
  #unstored (error: unknown): Promise<void> {
    this.#request.log.error(failureDetails(error), 'the session cannot be stored')
    return this.#refuse(sessionRefusal('session-store', 503, 'Sessions cannot be stored right now; try again later', this.message.id))
  }

  /** Code without types may send anything: what the wire does not know becomes an internal error. */
  #checked (response: JsonRpcResponse): JsonRpcResponse {
    if (messageKind(response) === 'response') return response
    this.#request.log.error({ ...logFields(this.message) }, 'what the application answered is no JSON-RPC response')
    return errorResponse(this.message.id, ErrorCode.InternalError, 'Internal error')
  }

  #write (response: JsonRpcResponse): Promise<void> {
    const modern = eraOf(this.revision) === 'modern'
    const complete = modern && 'result' in response ? completeResult(this.message, response) : response
    if (complete !== response && 'error' in complete) {
      this.#request.log.error({ ...logFields(this.message), code: complete.error.code }, 'the result breaks a rule of the era')
    }
    try {
      return this.#put(complete, modern)
    } catch (error) {
      this.#request.log.error({ err: error, ...logFields(this.message) }, 'the result cannot be encoded')
      return this.#put(errorResponse(this.message.id, ErrorCode.InternalError, 'Internal error'), modern)
    }
  }

  #put (response: JsonRpcResponse, modern: boolean): Promise<void> {
    const room = this.#reply.answer(response, modern)
    this.#watch?.ended({ kind: 'answered', response })
    return room
  }

  #refuse (refusal: Refusal): Promise<void> {
    this.#watch?.ended({ kind: 'refused', refusal })
    return this.#reply.refuse(refusal)
  }

  #ask (message: JsonRpcRequest): Promise<void> {
    const session = this.session
    if (session === null || !this.#reply.streams) {
      const refused = Promise.reject(new MCP_ENDPOINT_NO_CLIENT_REQUESTS(message.method))
      // Whoever does not wait for it must not end the process.
      refused.catch(() => {})
      return refused
    }
    this.#asksClient = true
    return this.#push(this.#host.outbound.rewrite(session.id, message, this))
  }

  #notify (message: JsonRpcNotification): Promise<void> {
    if (message.method === 'notifications/message' && eraOf(this.revision) === 'modern') {
      // A log message goes to those who asked for it on this very request (E-50).
      if (!reachesLogLevel(message.params?.level, metaOf(this.message)?.[MetaKey.LogLevel])) return DONE
    }
    const { pace } = this.#host
    if (pace === undefined || !Pacer.paces(message)) return this.#say(message)
    this.#pacer ??= new Pacer(pace, {
      send: paced => this.#say(paced),
      leftOut: dropped => this.#request.log.warn({ ...logFields(this.message), dropped }, TOO_MANY),
      onError: error => this.#request.log.error({ err: error, ...logFields(this.message) }, 'a message cannot be sent')
    })
    return this.#pacer.say(message)
  }

  #say (message: JsonRpcNotification): Promise<void> {
    const session = eraOf(this.revision) === 'modern' ? null : this.session
    return this.#push(session === null ? message : this.#host.outbound.rewrite(session.id, message, this))
  }

  #push (message: JsonRpcMessage): Promise<void> {
    try {
      return this.#reply.push(message) ?? this.#drop(message, 'the client takes no event stream')
    } catch (error) {
      this.#request.log.error({ err: error }, 'a message cannot be encoded')
      return DONE
    }
  }

  /** Each method is logged once: an application that is not told to stop may send on and on. */
  #drop (message: JsonRpcMessage, reason: string): Promise<void> {
    const what = 'method' in message ? message.method : 'response'
    if ('method' in message) {
      this.#dropped ??= new Set()
      if (this.#dropped.has(what) || this.#dropped.size >= LOGGED_METHODS) return DONE
      this.#dropped.add(what)
    }
    this.#request.log.info({ ...logFields(this.message), dropped: what, reason }, 'message dropped')
    return DONE
  }

  #fire (reason: string): void {
    const onAbort = this.#onAbort
    this.#onAbort = null
    this.#abortReason = reason
    this.#controller?.abort(abortError(reason))
    if (onAbort !== null) inBackground(() => onAbort(reason), error => this.#failedLate(error))
  }

  /** A listener of the application failed, when there was no answer left to change. */
  #failedLate (error: unknown): void {
    this.#request.log.error({ err: error, ...logFields(this.message) }, 'the application failed')
  }

  /** The caller does not wait for room. */
  #inBackground (sent: Promise<void>): void {
    sent.catch(error => this.#request.log.error({ err: error, ...logFields(this.message) }, 'the response cannot be sent'))
  }

  #finish (): void {
    this.#over = true
    this.#pacer?.stop()
    this.session?.finish(this)
    if (this.#asksClient) this.#host.outbound.forgetWaiter(this)
  }
}

function typeOf (value: unknown): string {
  return Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`
}

function abortError (reason: string): DOMException {
  return new DOMException(reason, 'AbortError')
}
