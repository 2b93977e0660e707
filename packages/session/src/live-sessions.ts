/** The sessions this node holds something of: kept, touched, swept, let go. */
import { inBackground, ticker, type MaybePromise, type Storage, type Unsubscribe } from '@mcp/storage'
import { parseNews, sessionChannel } from './channel.ts'
import type { LiveSession } from './live-session.ts'
import type { SessionLimits } from './options.ts'
import { shortSessionId } from './session-id.ts'

/** What is logged; `fastify.log` fits. */
export interface SessionLog {
  info (details: object, message: string): void
  error (details: object, message: string): void
}

/** How long a session nobody uses stays cached on a node. */
const CACHE_MS = 10_000
const SWEEP_AT_MOST_MS = 10_000

const NOTHING = (): void => {}

const FAILED = 'the storage failed'

export interface LiveSessionsHooks {
  /** Ends a session everywhere. */
  terminate (session: LiveSession, reason: string): Promise<void>
  /** The storage no longer knows a session in use. */
  lost (session: LiveSession): void
  /** News of the session may have been missed. */
  resync (session: LiveSession): Promise<void>
  /** It ended here. */
  onDropped (session: LiveSession): void
}

export class LiveSessions {
  readonly #storage: Storage
  readonly #limits: SessionLimits
  readonly #log: SessionLog
  readonly #hooks: LiveSessionsHooks
  readonly #sessions = new Map<string, LiveSession>()
  readonly #stopSweeping: () => void
  readonly #stopResyncing: () => void

  constructor (storage: Storage, limits: SessionLimits, log: SessionLog, hooks: LiveSessionsHooks) {
    this.#storage = storage
    this.#limits = limits
    this.#log = log
    this.#hooks = hooks
    const onError = (error: unknown): void => log.error({ err: error }, FAILED)
    this.#stopResyncing = storage.bus.onGap?.(() => inBackground(() => this.#resync(), onError)) ?? NOTHING
    this.#stopSweeping = ticker.every(Math.min(limits.idleMs / 4, SWEEP_AT_MOST_MS), () => this.#sweep(), onError)
  }

  [Symbol.iterator] (): Iterator<LiveSession> {
    return this.#sessions.values()
  }

  get (id: string): LiveSession | undefined {
    return this.#sessions.get(id)
  }

  /** From now on the session hears what other nodes say of it. */
  keep (session: LiveSession): LiveSession {
    this.#sessions.set(session.id, session)
    session.observers?.sessionKept(session)
    inBackground(() => this.listen(session), error => this.#failed(session, error, 'could not subscribe'))
    return session
  }

  /** Once this has answered, the session hears what other nodes say of it. Where that failed, the next call tries again. */
  listen (session: LiveSession): MaybePromise<unknown> {
    session.subscription ??= this.#subscribe(session)
    return session.subscription
  }

  /** The session is over, here at least. */
  drop (session: LiveSession, reason: string): void {
    session.end(reason)
    this.#release(session)
    this.#hooks.onDropped(session)
  }

  /** When a session used now expires, in milliseconds since the epoch. */
  expiry (now: number, createdAt: number): number {
    return Math.min(now + this.#limits.idleMs, createdAt + this.#limits.lifetimeMs)
  }

  /** Moves the expiry; the store hears of it when it moved by a good part, not on every request. */
  touch (session: LiveSession, now: number): void {
    session.expiresAt = this.expiry(now, session.createdAt)
    if (session.expiresAt - session.storedExpiry < this.#limits.idleMs / 16) return
    session.storedExpiry = session.expiresAt
    const { sessions } = this.#storage
    inBackground(() => sessions.touch(session.id, session.expiresAt), error => this.#failed(session, error, 'could not extend a session'))
  }

  close (): void {
    this.#stopSweeping()
    this.#stopResyncing()
    for (const session of [...this]) this.drop(session, 'server shutdown')
  }

  /** Forgets the cached object of a session that goes on elsewhere, or later. */
  #release (session: LiveSession): void {
    if (this.#sessions.delete(session.id)) session.observers?.sessionLetGo(session)
    const subscription = session.subscription
    session.subscription = null
    if (subscription === null) return
    const leave = async (): Promise<void> => { await (await subscription)() }
    leave().catch(error => this.#failed(session, error, 'could not unsubscribe'))
  }

  #subscribe (session: LiveSession): MaybePromise<Unsubscribe> {
    const subscription = this.#storage.bus.subscribe(sessionChannel(session.id), text => {
      const news = parseNews(text)
      if (news === null) return
      session.hear(news)
      if (session.ended) this.drop(session, 'ended')
    })
    if (subscription instanceof Promise) {
      subscription.catch(() => {
        if (session.subscription === subscription) session.subscription = null
      })
    }
    return subscription
  }

  /** A session that cannot be looked after keeps no other waiting; one error stands for all of the same round. */
  async #sweep (): Promise<void> {
    const now = Date.now()
    const failures: unknown[] = []
    for (const session of [...this]) {
      if (session.busy) this.touch(session, now)
      if (session.expiresAt <= now) await this.#expire(session).catch(error => failures.push(error))
      else if (session.idle && session.expiresAt - this.#limits.idleMs + CACHE_MS < now) this.#release(session)
    }
    if (failures.length > 0) throw failures[0]
  }

  /** Another node may have kept it alive: the store decides. */
  async #expire (session: LiveSession): Promise<void> {
    const record = await this.#storage.sessions.read(session.id)
    if (record === undefined || record.expiresAt <= Date.now()) return this.#hooks.terminate(session, 'expired')
    session.expiresAt = session.storedExpiry = record.expiresAt
  }

  /** News may have been missed: what ended or was cancelled meanwhile ends here, and every stream looks for what it has not seen. */
  async #resync (): Promise<void> {
    for (const session of [...this]) {
      try {
        const record = await this.#storage.sessions.read(session.id)
        if (record === undefined) {
          if (session.busy) this.#hooks.lost(session)
          else this.drop(session, 'ended')
          continue
        }
        session.follows(record.state)
        session.wake()
        await session.verify()
        await this.#hooks.resync(session)
      } catch (error) {
        this.#failed(session, error, 'could not look after a session')
      }
    }
  }

  #failed (session: LiveSession, error: unknown, what: string): void {
    this.#log.error({ err: error, session: shortSessionId(session.id) }, what)
  }
}
