/** Every session a node knows: opening, finding, expiring, ending. */
import { randomBytes } from 'node:crypto'
import type { InitializeParams, JsonObject, JsonRpcMessage, JsonRpcResponse, Observers, RequestId, Revision } from '@mcp/protocol'
import type { CreateOutcome, MaybePromise, SessionRecord, Storage } from '@mcp/storage'
import { Answers } from './answers.ts'
import { Cancellations } from './cancellations.ts'
import { sessionChannel, type SessionNews } from './channel.ts'
import { beat } from './heartbeat.ts'
import { MCP_SESSION_STATE_TOO_LARGE } from './errors.ts'
import { LISTENER, LiveSession, STANDALONE, type Attachment, type SessionHost } from './live-session.ts'
import { LiveSessions, type SessionLog } from './live-sessions.ts'
import { MAX_STATE_BYTES, type SessionLimits } from './options.ts'
import { Orphans } from './orphans.ts'
import { nodeOf, OutboundRequests } from './outbound-requests.ts'
import { isAnonymous, ownerOf } from './owner.ts'
import { couldBeSessionId, newSessionId, shortSessionId } from './session-id.ts'
import { StorageCheck } from './storage-check.ts'
import { Wakes } from './wakes.ts'

const LOST = 'The storage no longer knows the session of this request; its result is lost'

/** The endpoint a session belongs to. Sessions of one endpoint are unknown to every other. */
export interface SessionEndpoint {
  readonly name: string
  /** Who watches it, known when the first request comes. */
  readonly observers?: Observers | undefined
  /** A client answered a request that was sent on the standalone stream. */
  respond (session: LiveSession, response: JsonRpcResponse): void
  /** Lets what a session is told outside of any request go onward: now, later, or not at all. Absent: now. */
  sendPaced? (session: LiveSession, message: JsonRpcMessage, onward: (message: JsonRpcMessage) => Promise<void>): Promise<void>
}

export class Sessions {
  /** Names this node in request ids and towards other nodes. */
  readonly node = randomBytes(6).toString('hex')
  readonly outbound = new OutboundRequests(this.node)
  readonly orphans: Orphans
  readonly storage: Storage
  readonly #limits: SessionLimits
  readonly #log: SessionLog
  readonly #live: LiveSessions
  readonly #wakes: Wakes
  readonly #hosts = new WeakMap<SessionEndpoint, SessionHost>()
  readonly #stopBeating: () => Promise<void>
  readonly #check: StorageCheck
  readonly #answers: Answers
  readonly #cancellations: Cancellations

  constructor (storage: Storage, limits: SessionLimits, log: SessionLog) {
    this.storage = storage
    this.#limits = limits
    this.#log = log
    const onError = (error: unknown): void => log.error({ err: error }, 'the storage failed')
    this.orphans = new Orphans(storage, this.node, onError)
    this.#wakes = new Wakes(storage.bus, onError)
    this.#cancellations = new Cancellations(storage)
    this.#live = new LiveSessions(storage, limits, log, {
      terminate: (session, reason) => this.terminate(session, reason),
      lost: session => this.#lost(session),
      resync: session => this.#cancellations.collect(session),
      onDropped: session => this.outbound.forgetSession(session.id)
    })
    this.#check = new StorageCheck(storage, this.#live, session => this.#lost(session))
    this.#stopBeating = beat(storage.nodes, this.node, onError, undefined, () => { this.#check.checkAll().catch(onError) })
    this.#answers = new Answers(storage, this.node, this.outbound, onError)
  }

  /** Sessions this node holds something of. */
  live (): Iterable<LiveSession> {
    return this.#live
  }

  /** Whether the storage knows without waiting that it takes no new session. Elsewhere {@link store} tells, in its one round trip. */
  get full (): boolean {
    const count = this.storage.sessions.countNow?.()
    return count !== undefined && count >= this.#limits.maxSessions
  }

  /**
   * A session nobody knows yet: {@link store} makes it known once `initialize` succeeded.
   *
   * @param address of the caller; it tells anonymous callers apart.
   */
  open (endpoint: SessionEndpoint, principalKey: string, handshake: InitializeParams, revision: Revision, address = ''): LiveSession {
    const now = Date.now()
    const times = { createdAt: now, expiresAt: this.#live.expiry(now, now) }
    const owner = ownerOf(principalKey, address)
    const record = { id: newSessionId(), endpoint: endpoint.name, revision, principalKey, owner, handshake, state: {}, ...times }
    return new LiveSession(record, this.#host(endpoint))
  }

  /** Makes an opened session known to every node, caps permitting. */
  store (session: LiveSession): MaybePromise<CreateOutcome> {
    const { id, endpoint, revision, principalKey, owner, handshake, createdAt, expiresAt, state } = session
    const record: SessionRecord = { id, endpoint, revision, principalKey, owner, handshake, createdAt, expiresAt, state }
    const { maxSessions, maxSessionsPerPrincipal, maxSessionsPerAddress = Math.ceil(maxSessions / 2) } = this.#limits
    const caps = { total: maxSessions, perPrincipal: isAnonymous(principalKey) ? maxSessionsPerAddress : maxSessionsPerPrincipal }
    const outcome = this.storage.sessions.create(record, caps)
    if (typeof outcome === 'string') return this.#created(session, outcome)
    return outcome.then(late => this.#created(session, late))
  }

  /**
   * The session a request names, or `null`: unknown, expired, another endpoint's or another principal's, which all look
   * the same from outside (D-16, H-23).
   */
  find (endpoint: SessionEndpoint, principalKey: string, id: string): MaybePromise<LiveSession | null> {
    if (this.#live.get(id) === undefined && !couldBeSessionId(id)) return null
    const record = this.storage.sessions.read(id)
    if (!(record instanceof Promise)) return this.#found(id, record, endpoint, principalKey)
    return record.then(late => this.#found(id, late, endpoint, principalKey))
  }

  async terminate (session: LiveSession, reason: string): Promise<void> {
    this.#log.info({ session: shortSessionId(session.id), reason }, 'session ended')
    this.#over(session, reason)
    await this.storage.sessions.delete(session.id)
    await this.storage.events.deleteSession(session.id)
    await this.storage.bus.publish(sessionChannel(session.id), JSON.stringify({ kind: 'ended', reason } satisfies SessionNews))
  }

  /**
   * A client's response: to whoever waits for it on this node, or on to the node that does, which finds it also when it is cut off
   * meanwhile. Unknown ones, and those for a node that is gone, are dropped. Answers `false` where the node lives and cannot be
   * reached: the client should try again.
   */
  async resolve (session: LiveSession, response: JsonRpcResponse): Promise<boolean> {
    const node = nodeOf(response.id)
    if (node === null || node === this.node) {
      this.outbound.resolve(session.id, response)
      return true
    }
    return this.#answers.forward(node, { session: session.id, response })
  }

  /** Cancels a request of the session, wherever it runs; on a node that is cut off, when it is back. */
  async cancel (session: LiveSession, requestId: RequestId, reason: string | undefined): Promise<void> {
    await this.#cancellations.keep(session, requestId, reason)
    await this.tell(session, { kind: 'cancelled', requestId, reason })
  }

  /** Puts a connection in charge of its stream and closes the one before it, on whichever node. */
  async attach (session: LiveSession, attachment: Attachment): Promise<void> {
    session.attach(attachment)
    await Promise.all([this.#live.listen(session), this.#storeListener(session, attachment)])
    await this.tell(session, { kind: 'taken', stream: attachment.stream, by: attachment.id })
  }

  /**
   * Whether messages for the standalone stream are this node's to send: the client's last GET came here. Where the bus may lose the news
   * that it moved, the storage is asked.
   */
  holdsStandalone (session: LiveSession): MaybePromise<boolean> {
    if (!session.keepsStandalone || !session.listenerStored) return session.keepsStandalone
    const record = this.storage.sessions.read(session.id)
    if (!(record instanceof Promise)) return record !== undefined && session.follows(record.state)
    return record.then(late => late !== undefined && session.follows(late.state))
  }

  /** Closes the connection of a stream, on whichever node it is held, and keeps the stream. */
  release (session: LiveSession, stream: string, retryMs: number | undefined): void {
    const attachment = session.attachment(stream)
    if (attachment !== undefined) return attachment.release(retryMs)
    this.tell(session, { kind: 'released', stream, retryMs }).catch(error => {
      this.#log.error({ err: error, session: shortSessionId(session.id) }, 'could not release a stream')
    })
  }

  /** A stream has more: whoever reads it, here or on another node, looks into the store. Never rejects. */
  stored (session: LiveSession, stream: string): Promise<void> {
    session.hear({ kind: 'stored', stream })
    return this.#wakes.say(session.id, stream)
  }

  async tell (session: LiveSession, news: SessionNews): Promise<void> {
    session.hear(news)
    await this.storage.bus.publish(sessionChannel(session.id), JSON.stringify(news))
  }

  /** Lets go of everything this node holds; the sessions themselves live on in the storage. Never rejects: what fails is logged. */
  async close (): Promise<void> {
    this.#check.close()
    this.#live.close()
    this.#wakes.close()
    this.orphans.close()
    // At the same time: during an outage each of them waits as long as the storage does.
    await Promise.all([this.#stopBeating(), this.#answers.close()])
  }

  /** Until it is stored, this node sends: a message that comes twice is better than one that is lost. */
  async #storeListener (session: LiveSession, { stream, id }: Attachment): Promise<void> {
    // A lossless bus needs no stored copy.
    if (stream !== STANDALONE || this.storage.bus.onGap === undefined) return
    await session.setState({ [LISTENER]: id })
    session.listenerStored = true
  }

  /** One for all sessions of an endpoint. */
  #host (endpoint: SessionEndpoint): SessionHost {
    const known = this.#hosts.get(endpoint)
    if (known !== undefined) return known
    const host: SessionHost = {
      get observers () { return endpoint.observers },
      sendStandalone: (session, message) => {
        const onward = (paced: JsonRpcMessage): Promise<void> => this.#sendStandalone(session, paced)
        return endpoint.sendPaced?.(session, message, onward) ?? onward(message)
      },
      patchState: (session, patch) => this.#patchState(session, patch),
      terminate: (session, reason) => this.terminate(session, reason),
      respond: (session, response) => endpoint.respond(session, response),
      release: (session, stream, retryMs) => this.release(session, stream, retryMs),
      report: (session, error) => this.#log.error({ err: error, session: shortSessionId(session.id) }, 'a listener failed when the session ended')
    }
    this.#hosts.set(endpoint, host)
    return host
  }

  async #sendStandalone (session: LiveSession, message: JsonRpcMessage): Promise<void> {
    if (session.ended) return
    // Whoever asked waits on the stream of the request (C-19).
    if (!('method' in message)) return this.#log.info({ session: shortSessionId(session.id) }, 'a response for the standalone stream was dropped')
    const { events } = this.storage
    try {
      const json = JSON.stringify(this.outbound.rewrite(session.id, message, session))
      await events.open(session.id, STANDALONE, { node: null, requestIds: [] })
      const position = await events.append(session.id, STANDALONE, [json], false)
      const attachment = session.attachment(STANDALONE)
      if (attachment !== undefined) attachment.offer(json, position)
      else await this.stored(session, STANDALONE)
    } catch (error) {
      this.#log.error({ err: error, session: shortSessionId(session.id) }, 'a message for the standalone stream was lost')
    }
  }

  async #patchState (session: LiveSession, patch: JsonObject): Promise<void> {
    const merged = Object.entries({ ...session.state, ...patch }).filter(([, value]) => value !== undefined)
    const state = Object.fromEntries(merged)
    const { maxStateBytes = MAX_STATE_BYTES } = this.#limits
    const size = sizeOf(state)
    if (size > maxStateBytes && size > sizeOf(session.state)) throw new MCP_SESSION_STATE_TOO_LARGE(size, maxStateBytes)
    session.state = state
    await this.storage.sessions.patchState(session.id, patch)
  }

  #created (session: LiveSession, outcome: CreateOutcome): CreateOutcome {
    if (outcome === 'created') {
      this.#live.keep(session)
      session.observers?.sessionOpened(session)
    } else {
      session.end('over a limit')
    }
    return outcome
  }

  /** For good, and not because another node says so. */
  #over (session: LiveSession, reason: string): void {
    if (!session.ended) session.observers?.sessionEnded(session, reason)
    this.#live.drop(session, reason)
  }

  /** Clients that wait for something of it are told. The record is gone, so no other node can go on with it. */
  #lost (session: LiveSession): void {
    if (session.ended) return
    this.#log.error({ session: shortSessionId(session.id) }, 'the storage no longer knows a session in use: its requests end with an error')
    session.lose(LOST)
    this.#over(session, 'forgotten by the storage')
  }

  #found (id: string, record: SessionRecord | undefined, endpoint: SessionEndpoint, principalKey: string): LiveSession | null {
    const cached = this.#live.get(id)
    if (record === undefined) {
      if (cached?.busy === true && cached.expiresAt > Date.now()) this.#lost(cached)
      else if (cached !== undefined) this.#over(cached, 'expired')
      return null
    }
    if (record.principalKey !== principalKey || record.endpoint !== endpoint.name) return null
    const session = cached ?? this.#live.keep(new LiveSession(record, this.#host(endpoint)))
    session.state = record.state
    // The store has a copy of its own; one is enough.
    session.handshake = record.handshake
    this.#live.touch(session, Date.now())
    return session
  }
}

function sizeOf (state: Readonly<JsonObject>): number {
  return Buffer.byteLength(JSON.stringify(state))
}
