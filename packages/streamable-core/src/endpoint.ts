/** One MCP endpoint: its application, its policy, and what is going on at it right now. */
import {
  isSubscribed, ListChanged, RESOURCE_UPDATED, subscribedUris, type AuthGate, type CatalogueKind,
  type JsonRpcMessage, type JsonRpcNotification, type JsonRpcResponse, type LadderPolicy, type McpApplication, type MessageGate,
  type Observers, type Pace, type Principal, type Refusal, type Revision
} from '@mcp/protocol'
import type { LiveSession, OutboundRequests, SessionEndpoint, Sessions } from '@mcp/session'
import { ticker, type Unsubscribe } from '@mcp/storage'
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify'
import type { Admission } from './admission.ts'
import { MCP_ENDPOINT_BAD_NOTIFICATION } from './errors.ts'
import type { ExchangeHost, RunnableExchange } from './exchange-host.ts'
import { InboundExchange } from './inbound-exchange.ts'
import { ListenDesk } from './listen-desk.ts'
import type { Settings } from './options.ts'
import type { ReplyHost, RunningReply } from './reply-channel.ts'
import { isThenable } from './returned.ts'
import { SessionPacers } from './session-pacers.ts'
import { ToolParams } from './tool-params.ts'
import { veil } from './veil.ts'

/** A change of what the application offers, for everyone who asked to hear of it. */
export interface ChangeNotification {
  readonly method: keyof typeof ListChanged | typeof RESOURCE_UPDATED
  readonly params?: { readonly uri?: string, readonly [key: string]: unknown }
}

/** What `fastify.mcp` offers to applications and other plugins. */
export interface McpEndpoint {
  readonly application: McpApplication
  /** Revisions served: those both sides know. */
  readonly revisions: readonly Revision[]
  /** Hands an exchange to the application; whatever it throws comes back through `exchange.fail`. */
  accept (exchange: RunnableExchange): void
  /**
   * Tells every subscriber on every node: open listens, and the standalone streams of legacy sessions (of updates to a
   * resource only those that subscribed to it).
   */
  publish (notification: ChangeNotification): Promise<void>
  /** Takes no new sessions from now on (503); what is open goes on until the server closes. */
  drain (): void
  readonly draining: boolean
  /** How often the credentials of open streams are asked about again, milliseconds. */
  readonly credentialCheckMs: number
  /** Who watches it; `undefined` where nobody does, and before all plugins are there. */
  readonly observers: Observers | undefined
}

const SWEEPS_PER_INTERVAL = 3

export class Endpoint implements McpEndpoint, ExchangeHost, ReplyHost, SessionEndpoint {
  readonly name: string
  readonly settings: Settings
  readonly policy: LadderPolicy
  readonly sessions: Sessions
  readonly log: FastifyBaseLogger
  readonly toolParams: ToolParams
  readonly listens: ListenDesk
  /** The sessions of its HTTP+SSE clients: unknown to Streamable HTTP, and the other way round. */
  readonly sseEndpoint: SessionEndpoint
  /** Lets requests in. */
  readonly admission: Admission
  /** Takes a GET that names no session, where one URL serves HTTP+SSE too. */
  sseOpener: ((request: FastifyRequest, reply: FastifyReply) => void | Promise<void>) | null = null
  /** Replies whose requests still run. */
  readonly #running = new Set<RunningReply>()
  readonly #changes: Promise<Unsubscribe | null>
  readonly #stopSweeping: () => void
  readonly #stopRenewing: (() => void) | undefined
  #application: McpApplication
  #gates: readonly MessageGate[] = []
  #auth: AuthGate | undefined
  #observers: Observers | undefined
  #pace: Pace | undefined
  #pacers: SessionPacers | undefined
  #onIdle: (() => void) | null = null
  #draining = false

  constructor (name: string, settings: Settings, sessions: Sessions, admission: Admission, log: FastifyBaseLogger) {
    const { application, revisions, strictAccept, limits, keepAliveMs } = settings
    this.name = name
    this.sseEndpoint = this.#sseEndpoint()
    this.settings = settings
    this.#application = application
    this.policy = { revisions, sessions: settings.sessions, strictAccept, maxBatch: limits.batchLength }
    this.sessions = sessions
    this.admission = admission
    this.log = log
    this.toolParams = new ToolParams(this)
    this.listens = new ListenDesk(this, limits, (principal, uri) => this.#mayHear(principal, uri))
    this.#changes = this.#subscribe()
    this.#stopRenewing = sessions.storage.bus.onGap?.(() => this.#renew())
    this.#stopSweeping = ticker.every(keepAliveMs / SWEEPS_PER_INTERVAL, () => {
      for (const reply of this.#running) reply.sweep()
    })
  }

  get application (): McpApplication {
    return this.settings.application
  }

  /** What every message has to pass before it runs. */
  get gates (): readonly MessageGate[] {
    return this.#gates
  }

  get observers (): Observers | undefined {
    return this.#observers
  }

  get pace (): Pace | undefined {
    return this.#pace
  }

  /** Called once, when all plugins are there. */
  install (auth: AuthGate | undefined, gates: readonly MessageGate[], observers: Observers | undefined, pace: Pace | undefined): void {
    this.#auth = auth
    this.#gates = gates
    this.#observers = observers
    this.#pace = pace
    this.#pacers = pace && new SessionPacers(pace, this.log)
    if (this.settings.sessions) observers?.countsSessions(this.sessions.storage.sessions)
    if (!gates.some(gate => gate.sees !== undefined)) return
    this.#application = veil(this.settings.application, (...asked) => this.#sees(...asked))
  }

  lacking (scopes: readonly string[]): Refusal | null {
    return this.#auth?.lacking?.(scopes) ?? null
  }

  get revisions (): readonly Revision[] {
    return this.settings.revisions
  }

  get credentialCheckMs (): number {
    return this.settings.credentialCheckMs
  }

  get retryMs (): number {
    return this.settings.retryMs
  }

  get outbound (): OutboundRequests {
    return this.sessions.outbound
  }

  accept (exchange: RunnableExchange): void {
    this.run(exchange)
  }

  run (exchange: RunnableExchange): void {
    const watch = this.#observers === undefined ? undefined : exchange.observe?.(this.#observers)
    if (watch?.runs === true) watch.run(() => this.#hand(exchange))
    else this.#hand(exchange)
  }

  respond (session: LiveSession, response: JsonRpcResponse): void {
    const request = { method: 'POST', url: '', headers: {} }
    this.run(new InboundExchange(response, session.revision, session, { principal: null, request, log: this.log }))
  }

  sendPaced (session: LiveSession, message: JsonRpcMessage, onward: (message: JsonRpcMessage) => Promise<void>): Promise<void> {
    return this.#pacers === undefined ? onward(message) : this.#pacers.send(session, message, onward)
  }

  async publish (notification: ChangeNotification): Promise<void> {
    const updated = notification.method === RESOURCE_UPDATED
    if (updated ? typeof notification.params?.uri !== 'string' : !Object.hasOwn(ListChanged, notification.method)) {
      throw new MCP_ENDPOINT_BAD_NOTIFICATION(notification.method)
    }
    const { method, params } = notification
    await this.sessions.storage.bus.publish(this.#channel, JSON.stringify({ jsonrpc: '2.0', method, ...(params === undefined ? {} : { params }) }))
  }

  drain (): void {
    this.#draining = true
  }

  get draining (): boolean {
    return this.#draining
  }

  /** Whether a new session would be refused anyway. */
  get full (): boolean {
    return this.#draining || this.sessions.full
  }

  /** Looks after a reply whose requests were handed out and not all answered at once. */
  begin (reply: RunningReply): void {
    if (!reply.over) this.#running.add(reply)
  }

  readonly finish = (reply: RunningReply): void => {
    this.#running.delete(reply)
    if (this.#running.size === 0) this.#onIdle?.()
  }

  /**
   * Before the server closes: running requests get `timeoutMs`, then they end with an error. In a session that error
   * is stored, so that a client that was away finds it on another node.
   */
  async finishRunning (timeoutMs: number): Promise<void> {
    if (this.#running.size > 0) {
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, timeoutMs)
        this.#onIdle = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    for (const reply of [...this.#running]) {
      for (const exchange of reply.exchanges) exchange.refuse('The server is shutting down')
    }
  }

  async close (): Promise<void> {
    this.#stopSweeping()
    this.#stopRenewing?.()
    try {
      await (await this.#changes)?.()
    } catch (error) {
      this.log.error({ err: error }, 'the storage failed')
    }
    await this.settings.application.close?.()
  }

  /** Whether a principal may hear of changes to a resource: it has to be allowed to know of it. */
  #mayHear (principal: Principal | null, uri: string): boolean | Promise<boolean> {
    return this.#sees('resource', uri, principal) && (this.settings.authorizeResource?.(principal, uri) ?? true)
  }

  #hand (exchange: RunnableExchange): void {
    try {
      const returned: unknown = this.#application.accept(exchange)
      if (isThenable(returned)) returned.then(value => exchange.settled(value, true), error => exchange.fail(error))
      else exchange.settled(returned, false)
    } catch (error) {
      exchange.fail(error)
    }
  }

  #sseEndpoint (): SessionEndpoint {
    const observers = (): Observers | undefined => this.#observers
    return {
      name: `${this.name} sse`,
      respond: (session, response) => this.respond(session, response),
      sendPaced: (...sent) => this.sendPaced(...sent),
      get observers () { return observers() }
    }
  }

  #owns ({ endpoint }: LiveSession): boolean {
    return endpoint === this.name || endpoint === this.sseEndpoint.name
  }

  #sees (kind: CatalogueKind, name: string, principal: Principal | null): boolean {
    return this.#gates.every(gate => gate.sees?.(kind, name, principal) ?? true)
  }

  get #channel (): string {
    return 'changes:' + this.name
  }

  /** Changes may have been missed, nobody knows which: what a client asked to hear of may all have changed. */
  #renew (): void {
    const onError = (error: unknown): void => this.log.error({ err: error }, 'a change notification was lost')
    this.listens.renew().catch(onError)
    for (const session of this.sessions.live()) {
      if (!this.#owns(session)) continue
      const notifications = subscribedUris(session.state).map(uri => ({ jsonrpc: '2.0', method: RESOURCE_UPDATED, params: { uri } }) as const)
      this.#notify(session, notifications).catch(onError)
    }
  }

  /** Never rejects. */
  async #subscribe (): Promise<Unsubscribe | null> {
    try {
      return await this.sessions.storage.bus.subscribe(this.#channel, text => this.#heard(text))
    } catch (error) {
      this.log.error({ err: error }, 'changes on other nodes cannot be heard')
      return null
    }
  }

  #heard (text: string): void {
    const notification = JSON.parse(text) as JsonRpcNotification
    if (notification.method === 'notifications/tools/list_changed') this.toolParams.forget()
    this.listens.publish(notification).catch((error: unknown) => this.log.error({ err: error }, 'a change notification was lost'))
    for (const session of this.sessions.live()) {
      if (!this.#owns(session)) continue
      if (notification.method === RESOURCE_UPDATED && !isSubscribed(session.state, String(notification.params?.uri))) continue
      this.#notify(session, [notification]).catch((error: unknown) => this.log.error({ err: error }, 'a change notification was lost'))
    }
  }

  /** On the standalone stream, from the one node that its client's last GET came to. */
  async #notify (session: LiveSession, notifications: readonly JsonRpcNotification[]): Promise<void> {
    if (notifications.length === 0 || !session.keepsStandalone) return
    const holds = this.sessions.holdsStandalone(session)
    if (holds === true || await holds) await Promise.all(notifications.map(notification => session.send(notification)))
  }
}
