/**
 * What stands between a request and its execution: who is calling, and whether they may. The rooms that know implement
 * these contracts and decorate them; the transport rooms ask, and need not know who answers.
 */
import type { RequestInfo } from './exchange.ts'
import type { JsonRpcNotification, JsonRpcRequest } from './json-rpc.ts'
import type { Refusal } from './ladder.ts'
import type { Offered } from './offered.ts'
import type { Principal } from './principal.ts'

/** The head of an HTTP request; nothing of its body was read yet. */
export interface RequestHead extends RequestInfo {
  /** Names and values in turn, as received: only here do repeated fields show. */
  readonly rawHeaders: readonly string[]
  /** Where the connection comes from, or what a trusted proxy says of that. */
  readonly address: string
}

/** Who is calling, or why the request is turned away. */
export type Authentication =
  | { readonly kind: 'principal', readonly principal: Principal }
  | Refusal

/** Decorated as `fastify.mcpAuth`; asked after the host and origin guard, before a body is read. */
export interface AuthGate {
  /** A rejection is a fault of the gate's own: the request gets 500 and is not executed (G-19). */
  authenticate (head: RequestHead): Authentication | Promise<Authentication>
  /** The refusal of a request whose caller lacks some of these scopes (G-8). */
  lacking? (scopes: readonly string[]): Refusal
}

/** Who sent a message, and how it came. */
export interface Caller {
  readonly principal: Principal | null
  readonly head: RequestHead
}

/** What the names of the catalogue methods stand for. */
export type CatalogueKind = 'tool' | 'prompt' | 'resource'

/**
 * One of `fastify.mcpGates`; asked in their order about every request and notification of a client, each element of a
 * batch included, before any of them runs. The first refusal turns the whole HTTP request away.
 */
export interface MessageGate {
  /** `null` lets the message pass. A rejection turns the request away with 500. */
  judge (message: JsonRpcRequest | JsonRpcNotification, caller: Caller): Refusal | null | Promise<Refusal | null>
  /**
   * Whether a principal may know of this entry: a tool's or prompt's name, a resource's URI or URI template. What it may not
   * know of is left out of lists and answered like what does not exist (G-20). Absent: everything is visible.
   */
  sees? (kind: CatalogueKind, name: string, principal: Principal | null): boolean
  /**
   * Called once per endpoint before the server is ready, by gates that compare names in their rules with what the application offers.
   * The promise settles some time after the start: the endpoint asks the application for its lists when the server is ready. A rejection
   * means that the server did not start. Absent: the application is not asked.
   */
  offers? (offer: Promise<Offered>): void
}
