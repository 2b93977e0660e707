/** Opens listens, keeps count of them, and hands each notification to those who asked for it. */
import {
  ErrorCode, isErrorResponse, isObject, MetaKey, RESOURCE_UPDATED, type JsonRpcNotification, type JsonRpcRequest, type JsonRpcResponse,
  type Principal, type Revision
} from '@mcp/protocol'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ExchangeHost } from './exchange-host.ts'
import { atExpiry } from './expiry.ts'
import { sourceOf } from './inbound-exchange.ts'
import { ask } from './internal-exchange.ts'
import { honoured, Listen, readFilter, type ListenFilter } from './listens.ts'
import type { AuthorizeResource } from './options.ts'
import { sendJson, sendRefusal } from './refusal.ts'

export interface ListenLimits {
  readonly listens: number
  readonly listenUris: number
  readonly uriCharacters: number
}

export class ListenDesk {
  readonly #host: ExchangeHost
  readonly #limits: ListenLimits
  readonly #authorize: AuthorizeResource
  readonly #open = new Map<Listen, Principal | null>()
  /** Those whose acknowledgement is not out yet: they hold a place, too. */
  #opening = 0

  constructor (host: ExchangeHost, limits: ListenLimits, authorize: AuthorizeResource) {
    this.#host = host
    this.#limits = limits
    this.#authorize = authorize
  }

  /** Answers a listen request: an error as JSON, or a stream whose first message is the acknowledgement. */
  async open (call: JsonRpcRequest, revision: Revision, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const refuse = (rung: string, status: number, code: number, message: string): void =>
      sendRefusal(reply, { kind: 'refused', rung, status, id: call.id, code, message })

    const asked = readFilter(call, this.#limits)
    if (typeof asked === 'string') return refuse('listen-params', 400, ErrorCode.InvalidParams, asked)
    if (this.#open.size + this.#opening >= this.#limits.listens) {
      return refuse('listen-cap', 429, ErrorCode.InternalError, 'This server holds as many subscriptions as it may; try again later')
    }
    this.#opening++
    try {
      const discovered = await ask(this.#host, 'server/discover', {}, revision, sourceOf(request))
      if (discovered === null) return refuse('listen-discover', 200, ErrorCode.InternalError, 'Internal error')
      if (isErrorResponse(discovered)) return unsupported(reply, call, discovered)
      const { capabilities, _meta } = discovered.result
      const filter = await this.#authorized(honoured(asked, isObject(capabilities) ? capabilities : {}), request.mcpPrincipal)
      this.#begin(call, revision, filter, isObject(_meta) ? _meta[MetaKey.ServerInfo] : undefined, request, reply)
    } finally {
      this.#opening--
    }
  }

  async publish (notification: JsonRpcNotification): Promise<void> {
    for (const [listen, principal] of [...this.#open]) {
      if (!listen.wants(notification)) continue
      const uri = notification.method === RESOURCE_UPDATED ? String(notification.params?.uri) : null
      if (uri === null || await this.#mayHear(principal, uri)) listen.deliver(notification)
    }
  }

  /** Tells every listen that all it asked for may have changed. */
  async renew (): Promise<void> {
    for (const [listen, principal] of [...this.#open]) {
      for (const notification of listen.everything()) {
        const uri = notification.params?.uri
        if (typeof uri !== 'string' || await this.#mayHear(principal, uri)) listen.deliver(notification)
      }
    }
  }

  #begin (
    call: JsonRpcRequest, revision: Revision, filter: ListenFilter, serverInfo: unknown, request: FastifyRequest, reply: FastifyReply
  ): void {
    const { observers } = this.#host
    const { principal, request: info } = sourceOf(request)
    const watch = observers?.began({ message: call, revision, session: null, principal, request: info })
    // The endpoint answers it itself.
    watch?.settled()
    const connection = reply.mcpStream({ watch: observers?.streamOpened({ kind: 'listen', revision, session: null }) })
    const listen = new Listen(call.id, filter, serverInfo, connection)
    this.#open.set(listen, principal)
    connection.onOver(reason => {
      this.#open.delete(listen)
      // It only listened, so its going is no loss.
      watch?.ended(reason === 'overflow' ? { kind: 'lost', reason: 'the client reads too slowly' } : { kind: 'done' })
    })
    connection.onShutdown(() => listen.end())
    atExpiry(reply, () => listen.end())
    listen.acknowledge()
  }

  /** Resources the caller may not see are left out without a word. */
  async #authorized (filter: ListenFilter, principal: Principal | null): Promise<ListenFilter> {
    if (filter.resourceSubscriptions === undefined) return filter
    const allowed: string[] = []
    for (const uri of filter.resourceSubscriptions) {
      if (await this.#mayHear(principal, uri)) allowed.push(uri)
    }
    return { ...filter, resourceSubscriptions: allowed }
  }

  /** Asked for the acknowledgement and again for each delivery: rights may have changed. Whoever cannot tell says no. */
  async #mayHear (principal: Principal | null, uri: string): Promise<boolean> {
    try {
      return await this.#authorize(principal, uri)
    } catch (error) {
      this.#host.log.error({ err: error }, 'authorizeResource failed; the caller hears nothing of this resource')
      return false
    }
  }
}

/** An application that cannot say what it offers has nothing to subscribe to; its own error says why. */
function unsupported (reply: FastifyReply, call: JsonRpcRequest, discovered: JsonRpcResponse): void {
  const error = isErrorResponse(discovered) ? discovered.error : undefined
  const missing = error?.code === ErrorCode.MethodNotFound
  sendJson(reply, missing ? 404 : 200, JSON.stringify({ jsonrpc: '2.0', id: call.id, error }))
}
