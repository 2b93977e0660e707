/**
 * Who watches what an endpoint does, to count it or to trace it. The rooms that watch implement this contract and decorate it; the
 * transport rooms tell, and need not know who listens. Nothing an observer does, or fails to do, changes how a request is answered.
 */
import type { RequestInfo } from './exchange.ts'
import type { JsonRpcNotification, JsonRpcRequest, JsonRpcResponse } from './json-rpc.ts'
import type { Refusal } from './ladder.ts'
import type { Principal } from './principal.ts'
import type { Revision } from './revisions.ts'

/** A request or notification of a client that passed every rule. An exchange is one. */
export interface ObservedCall {
  readonly message: JsonRpcRequest | JsonRpcNotification
  readonly revision: Revision
  readonly session: { readonly id: string } | null
  readonly principal: Principal | null
  readonly request: RequestInfo
}

/** How a call ended. */
export type CallEnd =
  /** The application's response, or an error in its place, is on its way to the client. */
  | { readonly kind: 'answered', readonly response: JsonRpcResponse }
  /** Nothing was owed: a notification was taken, or a client went that only listened. */
  | { readonly kind: 'done' }
  /** The application failed over a notification. */
  | { readonly kind: 'failed' }
  /** It was turned away after it had begun. */
  | { readonly kind: 'refused', readonly refusal: Refusal }
  /** The client took it back, or its session ended. */
  | { readonly kind: 'cancelled', readonly reason: string }
  /** Nobody can hear the answer any more. */
  | { readonly kind: 'lost', readonly reason: string }

/** Follows one call. */
export interface CallWatch {
  /** Calls `work` once and at once: the application runs inside, so that what it does can be told to belong to this call. */
  run? (work: () => void): void
  /** The application threw or rejected; how the call ends is told by {@link ended}. */
  failed? (error: unknown): void
  /** The application works for the call no more: what it returned has settled. It may come before {@link ended} or after it. */
  settled? (): void
  /** Called once, last. */
  ended (end: CallEnd): void
}

/** What a connection carries. `post`: the answer to POSTed requests; `resumed`: any stream a client came back for. */
export type StreamKind = 'post' | 'standalone' | 'resumed' | 'listen' | 'http+sse'

export interface ObservedStream {
  readonly kind: StreamKind
  readonly revision: Revision
  readonly session: { readonly id: string } | null
}

/** Follows one connection that carries a stream. */
export interface StreamWatch {
  /** So many events were written to it; `replayed` of them were stored before, and the client came back for them. */
  wrote (events: number, replayed: number): void
  /** Called once, last. `overflow`: the reader was too slow. `peer`: it went away. `ended`: we said all. */
  closed (reason: 'ended' | 'peer' | 'overflow'): void
}

export interface ObservedSession {
  readonly id: string
  readonly revision: Revision
  /** Milliseconds since the epoch. */
  readonly createdAt: number
}

/** Where sessions are kept. */
export interface SessionCounter {
  /** How many there are, on all nodes. */
  count (): number | Promise<number>
}

/** One of `fastify.mcpObservers`. What it throws is logged and goes no further. */
export interface Observer {
  /** Called before the application gets the call. Whoever wants to know how it goes on answers with a watch. */
  began? (call: ObservedCall): CallWatch | undefined
  /** A request was turned away; `refusal.rung` names the rule. */
  refused? (refusal: Refusal): void
  streamOpened? (stream: ObservedStream): StreamWatch | undefined
  /** `initialize` succeeded and the storage has the session. */
  sessionOpened? (session: ObservedSession): void
  /** The session is over for good; the node that ended it tells. */
  sessionEnded? (session: ObservedSession, reason: string): void
  /** From now on this node holds something of the session. */
  sessionKept? (session: ObservedSession): void
  /** This node holds nothing of it any more; the session may go on elsewhere, or later. */
  sessionLetGo? (session: ObservedSession): void
  /** Told once by each endpoint with sessions, before its first request; endpoints may share a store. */
  countsSessions? (store: SessionCounter): void
}
