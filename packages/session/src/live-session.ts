/** A session as one node holds it: a cache over its record, with what is open here right now. */
import type {
  InitializeParams, JsonObject, JsonRpcMessage, JsonRpcResponse, McpSession, Observers, RequestId, Revision
} from '@mcp/protocol'
import { inBackground, type MaybePromise, type SessionRecord, type Unsubscribe } from '@mcp/storage'
import { guardedController } from './guarded-controller.ts'
import type { SessionNews } from './channel.ts'
import type { ResponseWaiter } from './outbound-requests.ts'

/** The one stream of a session that belongs to no request. */
export const STANDALONE = 'standalone'

/** Key of the session's state that names the last connection of the standalone stream, on any node. */
export const LISTENER = 'transport:listener'

/** A connection that carries one of the session's streams on this node. */
export interface Attachment {
  /** Unique among all connections of all nodes. */
  readonly id: string
  readonly stream: string
  /** The store has more for it. */
  wake (): void
  /** A message that was just stored on this node. */
  offer (json: string, position: number): void
  /** Another connection took over, or the session is over. */
  close (): void
  /** The storage may have forgotten its stream: asks it. */
  verify (): MaybePromise<void>
  /** The storage no longer knows the session: the client gets an error for each request that waits, and the connection ends. */
  lose (): void
  /** Closes and asks the client to come back after `retryMs` milliseconds. */
  release (retryMs: number | undefined): void
}

/** A request of this session that runs on this node. */
export interface RunningRequest {
  readonly requestId: RequestId
  /** Milliseconds since the epoch. */
  readonly begunAt: number
  /** The client no longer wants the answer, or the session is over. */
  cancel (reason: string): void
  /** It cannot be answered any more: it ends with an error that says `message`. */
  refuse (message: string): void
}

/** What a session asks of its surroundings. */
export interface SessionHost {
  /** Who watches the endpoint of the session. */
  readonly observers?: Observers | undefined
  sendStandalone (session: LiveSession, message: JsonRpcMessage): Promise<void>
  patchState (session: LiveSession, patch: JsonObject): Promise<void>
  terminate (session: LiveSession, reason: string): Promise<void>
  respond (session: LiveSession, response: JsonRpcResponse): void
  release (session: LiveSession, stream: string, retryMs: number | undefined): void
  /** Somebody's listener threw. */
  report (session: LiveSession, error: unknown): void
}

export class LiveSession implements McpSession, ResponseWaiter {
  readonly id: string
  /** Name of the endpoint it belongs to. */
  readonly endpoint: string
  readonly principalKey: string
  /** Whose caps and budget it takes from. */
  readonly owner: string
  handshake: InitializeParams
  readonly createdAt: number
  /** Milliseconds since the epoch: what the store knows, and what this node knows since. */
  storedExpiry: number
  expiresAt: number
  revision: Revision
  state: Readonly<JsonObject>
  /** Whether a client ever opened the standalone stream here, and how far it was written. */
  standalonePosition: number | null = null
  /** The last connection of the standalone stream on this node, until one on another node takes over. */
  #standalone: string | null = null
  /** Whether the storage knows that connection. */
  listenerStored = false
  subscription: Unsubscribe | Promise<Unsubscribe> | null = null
  readonly #host: SessionHost
  // One or two of each as a rule, in thousands of sessions: lists take less memory than maps.
  readonly #attachments: Attachment[] = []
  readonly #running: RunningRequest[] = []
  #closeListeners: Set<() => void> | null = null
  #controller: AbortController | null = null
  #ended = false

  constructor (record: SessionRecord, host: SessionHost) {
    this.id = record.id
    this.endpoint = record.endpoint
    this.principalKey = record.principalKey
    this.owner = record.owner ?? record.principalKey
    this.handshake = record.handshake
    this.createdAt = record.createdAt
    this.storedExpiry = this.expiresAt = record.expiresAt
    this.revision = record.revision
    this.state = record.state
    this.#host = host
  }

  get ended (): boolean {
    return this.#ended
  }

  get observers (): Observers | undefined {
    return this.#host.observers
  }

  /** Fires when the session ends on this node; one for everybody who looks, made when first read. */
  get signal (): AbortSignal {
    this.#controller ??= guardedController(error => this.#host.report(this, error))
    if (this.#ended) this.#controller.abort()
    return this.#controller.signal
  }

  /** Open streams and running requests count as activity. */
  get busy (): boolean {
    return this.#attachments.length > 0 || this.#running.length > 0
  }

  /** What runs of it on this node. */
  get runningIds (): ReadonlySet<RequestId> {
    return new Set(this.#running.map(({ requestId }) => requestId))
  }

  /** Whether nothing on this node needs this object. */
  get idle (): boolean {
    return !this.busy && this.#closeListeners === null
  }

  /** Whether messages for the standalone stream are this node's to send: its client listens here, or did last and may come back. */
  get keepsStandalone (): boolean {
    return this.#standalone !== null
  }

  /**
   * Compares with what the storage knows of the client's last GET: the news that it moved to another node may have been lost.
   * Answers whether messages for the standalone stream are still this node's to send.
   */
  follows (state: Readonly<JsonObject>): boolean {
    const by = state[LISTENER]
    if (this.listenerStored && typeof by === 'string') this.hear({ kind: 'taken', stream: STANDALONE, by })
    return this.keepsStandalone
  }

  get openStreams (): number {
    return this.#attachments.length
  }

  send (message: JsonRpcMessage): Promise<void> {
    return this.#host.sendStandalone(this, message)
  }

  setState (patch: JsonObject): Promise<void> {
    return this.#host.patchState(this, patch)
  }

  terminate (reason: string): Promise<void> {
    return this.#host.terminate(this, reason)
  }

  respond (response: JsonRpcResponse): void {
    this.#host.respond(this, response)
  }

  detachStandalone (retryAfterMs?: number): void {
    this.#host.release(this, STANDALONE, retryAfterMs)
  }

  onClose (listener: () => void): () => void {
    if (this.#ended) {
      this.#call(listener)
      return () => {}
    }
    const listeners = this.#closeListeners ??= new Set()
    listeners.add(listener)
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0 && this.#closeListeners === listeners) this.#closeListeners = null
    }
  }

  attachment (stream: string): Attachment | undefined {
    return this.#attachments.find(attachment => attachment.stream === stream)
  }

  /** The newest connection of a stream carries it; an older one is closed (C-20, C-30). */
  attach (attachment: Attachment): void {
    if (this.#ended) return attachment.close()
    const older = this.attachment(attachment.stream)
    if (older !== undefined) this.detach(older)
    this.#attachments.push(attachment)
    if (attachment.stream === STANDALONE) {
      this.#standalone = attachment.id
      this.listenerStored = false
    }
    older?.close()
  }

  detach (attachment: Attachment): void {
    remove(this.#attachments, attachment)
  }

  begin (request: RunningRequest): void {
    this.#running.push(request)
  }

  finish (request: RunningRequest): void {
    remove(this.#running, request)
  }

  /**
   * Cancels every running request of that id: the client cannot say which one it means.
   * @param until Leaves alone what began after this, milliseconds since the epoch.
   */
  cancel (requestId: RequestId, reason: string, until = Infinity): void {
    for (const request of [...this.#running]) {
      if (request.requestId === requestId && request.begunAt <= until) request.cancel(reason)
    }
  }

  /** Any stream may have more: news may have been missed. */
  wake (): void {
    for (const attachment of [...this.#attachments]) attachment.wake()
  }

  /** Each stream that is open here looks whether the storage still knows it. */
  async verify (): Promise<void> {
    for (const attachment of [...this.#attachments]) await attachment.verify()
  }

  /** The storage no longer knows the session: what runs here ends with an error that says `message`. Call {@link end} next. */
  lose (message: string): void {
    for (const attachment of [...this.#attachments]) attachment.lose()
    for (const request of [...this.#running]) request.refuse(message)
  }

  hear (news: SessionNews): void {
    switch (news.kind) {
      case 'stored':
        return this.attachment(news.stream)?.wake()
      case 'taken': {
        if (news.stream === STANDALONE && news.by !== this.#standalone) this.#standalone = null
        const attachment = this.attachment(news.stream)
        return attachment === undefined || attachment.id === news.by ? undefined : attachment.close()
      }
      case 'released':
        return this.attachment(news.stream)?.release(news.retryMs)
      case 'cancelled':
        return this.cancel(news.requestId, news.reason ?? 'cancelled by the client')
      case 'ended':
        return this.end(news.reason)
    }
  }

  /** Ends what this node holds of the session; the record is somebody else's business. */
  end (reason: string): void {
    if (this.#ended) return
    this.#ended = true
    for (const request of [...this.#running]) request.cancel(reason)
    for (const attachment of [...this.#attachments]) attachment.close()
    this.#controller?.abort()
    const listeners = this.#closeListeners
    this.#closeListeners = null
    for (const listener of listeners ?? []) this.#call(listener)
  }

  /** A listener is somebody else's code, and must not keep the session from ending. */
  #call (listener: () => void): void {
    inBackground(listener, error => this.#host.report(this, error))
  }
}

/** The order does not matter. */
function remove<T> (list: T[], item: T): void {
  const index = list.indexOf(item)
  const last = list.pop()
  if (index === -1 && last !== undefined) list.push(last)
  else if (last !== undefined && index < list.length) list[index] = last
}
