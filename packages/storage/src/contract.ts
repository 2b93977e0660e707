/**
 * Where sessions and stream events live and how nodes wake each other. Every storage passes the suite in `suite.ts`.
 *
 * Methods answer at once where they can: a memory storage returns plain values, a remote one promises. Callers must not
 * turn a plain value into a promise on the request path.
 */
import type { InitializeParams, JsonObject, RequestId, Revision } from '@mcp/protocol'

export type MaybePromise<T> = T | Promise<T>

/** A session as data: any node can continue it from this alone. What a store hands out may be frozen; copy it to change it. */
export interface SessionRecord {
  readonly id: string
  /** Name of the endpoint that opened it; no other one knows it. */
  readonly endpoint: string
  readonly revision: Revision
  /** `principalKey()` of who opened it; `''` for an anonymous caller. */
  readonly principalKey: string
  /**
   * Whose caps and budget it takes from. Default: `principalKey`. Anonymous callers are told apart by their address, so that one of them
   * cannot take what is there for all.
   */
  readonly owner?: string
  readonly handshake: InitializeParams
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  /** Milliseconds since the epoch; from then on the session is unknown. */
  readonly expiresAt: number
  /** Sticky application state. JSON values only. */
  readonly state: JsonObject
}

/** Caps checked when a session is created, atomically with its creation. */
export interface SessionCaps {
  readonly total: number
  /** Sessions of one owner. Sessions whose owner is `''` count only for `total`. */
  readonly perPrincipal: number
}

/**
 * What a storage may hold of sessions and events, in bytes; an estimate. When more is stored, events go: those of the owner that is over
 * its part, or of the owner that holds most. Streams that have ended go first, then the oldest events. When sessions alone take that much,
 * new ones are rejected.
 */
export interface StorageBudget {
  /** Of all owners together. */
  readonly bytes: number
  /** Of one owner: a principal, or an anonymous address. */
  readonly bytesPerOwner: number
}

/** `total-reached` and `principal-reached` also say that the budget in bytes of all, or of the owner, is used up. */
export type CreateOutcome = 'created' | 'total-reached' | 'principal-reached'

export interface SessionStore {
  /** Ids are unique; what happens to an older session of the same id is up to the store. */
  create (record: SessionRecord, caps: SessionCaps): MaybePromise<CreateOutcome>
  /** `undefined`: never existed, deleted, or expired. */
  read (id: string): MaybePromise<SessionRecord | undefined>
  /** Moves the expiry. An unknown session stays unknown. */
  touch (id: string, expiresAt: number): MaybePromise<void>
  /**
   * Merges `patch` into the state, atomically; a key whose value is `undefined` is removed.
   *
   * @throws `MCP_STORAGE_FULL` when the state would exceed the storage's budget; the state stays as it was.
   */
  patchState (id: string, patch: JsonObject): MaybePromise<void>
  /** Whether this call removed it. */
  delete (id: string): MaybePromise<boolean>
  count (): MaybePromise<number>
  /** Like {@link count}, where the store knows without waiting: asked before each `initialize`. Else {@link create} checks the caps. */
  countNow? (): number
}

/** Who writes a stream, so that a reader can tell a slow writer from a dead one. */
export interface StreamOwner {
  /** Id of the writing node; `null` where any node may write (the standalone stream). */
  readonly node: string | null
  /** The requests this stream answers. */
  readonly requestIds: readonly RequestId[]
}

export interface StoredEvent {
  /** Counts from 1 in each stream, without gaps. */
  readonly position: number
  /** The message as JSON text. */
  readonly message: string
}

export interface EventPage {
  readonly events: readonly StoredEvent[]
  /** Whether the last event of `events` is the last one of the stream, for good. */
  readonly ended: boolean
  readonly owner: StreamOwner
}

/** What is kept of a session's events; the oldest go first. */
export interface EventBounds {
  readonly maxEvents: number
  /** Of the JSON text. A storage in memory may count UTF-16 code units. */
  readonly maxBytes: number
  readonly maxAgeMs: number
}

export interface EventStore {
  /** Makes a stream known before its first event. Opening it again changes nothing. */
  open (session: string, stream: string, owner: StreamOwner): MaybePromise<void>
  /**
   * Adds messages in order and answers the position of the last one (the stream's end where `messages` is empty).
   * `ended` marks the stream as complete. Calls for one stream take effect in the order they were made; several nodes
   * may write one stream. Messages for a stream that was never opened, has ended, or whose session was deleted, answer 0
   * and are not kept.
   *
   * `after`: where the only writer of a stream knows it to end. A stream that ends elsewhere keeps nothing and answers its end: so a call
   * that comes twice, or so late that it was given up and made again, takes effect once.
   */
  append (session: string, stream: string, messages: readonly string[], ended: boolean, after?: number): MaybePromise<number>
  /**
   * Events after `after`, oldest first, at most `limit`; at the end of a stream a page without events, so that readers see
   * whether it ended. `null`: the stream cannot be continued from there, because it is unknown, ended and dropped, or the
   * next event was trimmed, or `after` lies beyond its end. A stream that has ended is dropped when nothing of it is kept
   * any longer (an end without an event is kept as long as an event).
   */
  read (session: string, stream: string, after: number, limit: number): MaybePromise<EventPage | null>
  deleteSession (session: string): MaybePromise<void>
}

export type Unsubscribe = () => MaybePromise<void>

/** Wakes other nodes. It may lose messages (the stores are the truth) and never duplicates or reorders them. */
export interface Bus {
  /**
   * Reaches every subscriber of `channel` on every node, the publishing one included. A bus that can tell answers 0 when there was
   * none, and a greater number when there was; one that cannot tell answers nothing.
   */
  publish (channel: string, message: string): MaybePromise<number | void>
  /** Once this has answered, later messages are delivered. A listener that throws harms no other. */
  subscribe (channel: string, listener: (message: string) => void): MaybePromise<Unsubscribe>
  /** Calls `listener` whenever messages may have been missed and are delivered again from now on. A bus that loses none has none. */
  onGap? (listener: () => void): () => void
}

/** Which nodes are alive, so that a stream whose writer died can be ended instead of waited for. */
export interface NodeRegistry {
  /** This node lives, and says so again within `ttlMs` milliseconds. */
  beat (node: string, ttlMs: number): MaybePromise<void>
  /** This node goes in order: it is no longer alive at once. */
  leave (node: string): MaybePromise<void>
  /** Whether the node's last beat still holds. */
  alive (node: string): MaybePromise<boolean>
}

/**
 * A storage that rejects a call with `MCP_STORAGE_UNAVAILABLE` logs the outage itself, once. Periodic tasks do not log such errors again.
 */
export interface Storage {
  /** For logs: `memory`, `sqlite`, `redis`. */
  readonly name: string
  readonly sessions: SessionStore
  readonly events: EventStore
  readonly bus: Bus
  readonly nodes: NodeRegistry
  /** Ends deliveries of the bus and lets go of connections and timers. Closing again does nothing. */
  close (): Promise<void>
}
