/** A notification from the client, or its response to a request of ours: there is nothing to answer. */
import {
  isObject, type JsonRpcMessage, type JsonRpcNotification, type JsonRpcResponse, type Observers, type Principal, type RequestInfo,
  type Revision, type WatchedCall
} from '@mcp/protocol'
import type { LiveSession } from '@mcp/session'
import type { FastifyBaseLogger } from 'fastify'
import type { RunnableExchange } from './exchange-host.ts'
import { logged } from './logged.ts'
import { FastifyRequestInfo, type MessageOrigin } from './request-info.ts'

/** Where a message came from. */
export interface MessageSource {
  readonly principal: Principal | null
  readonly request: RequestInfo
  readonly log: FastifyBaseLogger
}

export function sourceOf (request: MessageOrigin): MessageSource {
  return { principal: request.mcpPrincipal, request: new FastifyRequestInfo(request), log: request.log }
}

const NEVER = new AbortController().signal

export class InboundExchange implements RunnableExchange {
  readonly message: JsonRpcNotification | JsonRpcResponse
  readonly revision: Revision
  readonly session: LiveSession | null
  readonly principal: Principal | null
  readonly request: RequestInfo
  readonly #log: FastifyBaseLogger
  #watch: WatchedCall | undefined

  constructor (message: JsonRpcNotification | JsonRpcResponse, revision: Revision, session: LiveSession | null, source: MessageSource) {
    this.message = message
    this.revision = revision
    this.session = session
    this.principal = source.principal
    this.request = source.request
    this.#log = source.log
  }

  /** A response is no call: it belongs to the one that asked. */
  observe (observers: Observers): WatchedCall | undefined {
    const { message } = this
    if ('method' in message) this.#watch = observers.began({ ...this, message })
    return this.#watch
  }

  settled (returned: unknown): void {
    this.#watch?.settled()
    if (isObject(returned)) this.#log.info({ reason: 'only a request has a result' }, 'returned value dropped')
    this.#watch?.ended({ kind: 'done' })
  }

  /** Fires when the session ends; without one it never does. */
  get signal (): AbortSignal {
    return this.session?.signal ?? NEVER
  }

  /** There is no work of its own to abort; whoever wants to hear of the session's end asks the session. */
  onAbort (): void {}

  /** There is no reply to carry it, so it takes the standalone stream, where there is one. */
  async send (message: JsonRpcMessage): Promise<void> {
    if (this.session !== null && 'method' in message) return this.session.send(message)
    this.#log.info({ reason: 'nothing was asked, so nothing can be answered' }, 'message dropped')
  }

  detach (): void {}

  /** The 202 stands; the reason is logged. */
  fail (error: unknown): void {
    this.#log.error({ err: error, method: 'method' in this.message ? logged(this.message.method) : 'response' }, 'the application failed')
    this.#watch?.failed(error)
    this.#watch?.settled()
    this.#watch?.ended({ kind: 'failed' })
  }
}
