/**
 * The contract between a transport and the application behind it. It names no HTTP framework, so an application never
 * depends on one.
 */
import type { JsonObject, JsonRpcMessage } from './json-rpc.ts'
import type { Principal } from './principal.ts'
import type { Revision } from './revisions.ts'

/** `params` of the `initialize` request a session was opened with. */
export interface InitializeParams extends JsonObject {
  protocolVersion: string
  capabilities: JsonObject
  clientInfo: JsonObject
}

/** What an application may know of the HTTP request that carried a message. */
export interface RequestInfo {
  readonly method: string
  /** Absolute URL as the client addressed it. */
  readonly url: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** The request object of the HTTP framework, for code that knows which one it is. */
  readonly source?: object
}

/** The server's memory of one legacy-era client, named by `Mcp-Session-Id`. */
export interface McpSession {
  readonly id: string
  readonly revision: Revision
  readonly handshake: InitializeParams
  /** Sticky application state (log level, subscriptions): survives a restart, follows the client to other nodes. */
  readonly state: Readonly<JsonObject>
  /** Replaces keys of {@link state}; `undefined` removes one. */
  setState (patch: JsonObject): Promise<void>
  /** A message for the standalone stream: stored or delivered wherever the client's GET is held. */
  send (message: JsonRpcMessage): Promise<void>
  /** Closes the connection of the standalone stream and keeps the stream; the client polls back. */
  detachStandalone (retryAfterMs?: number): void
  terminate (reason: string): Promise<void>
  /** Calls `listener` once when this session ends. Answers how to take that back; until then the session stays cached on this node. */
  onClose (listener: () => void): () => void
}

/** One inbound message with everything needed to answer it. */
export interface Exchange {
  /** A request, a notification, or the response to a request the application sent. */
  readonly message: JsonRpcMessage
  readonly revision: Revision
  /** `null` in the modern era and on a sessionless endpoint. */
  readonly session: McpSession | null
  readonly principal: Principal | null
  /** Fires on modern disconnect, cancellation, session end and shutdown. Created when first read. */
  readonly signal: AbortSignal
  /**
   * Calls `listener` with the reason when {@link signal} fires, at once when it has fired already. One listener; costs
   * nothing, where reading {@link signal} creates it.
   */
  onAbort (listener: (reason: string) => void): void
  readonly request: RequestInfo
  /**
   * Sends the response, a related notification, or (legacy) a request to the client. Resolves when the peer's buffer has
   * room for more. What is sent after the response, or after {@link signal} fired, is dropped and logged.
   */
  send (message: JsonRpcMessage): Promise<void>
  /**
   * Legacy and resumable only: ends this connection and keeps the stream; the client polls back after `retryAfterMs`
   * milliseconds and goes on where it stopped. Ignored elsewhere.
   */
  detach (retryAfterMs?: number): void
  /**
   * Turns the request away because its caller lacks scopes: 403 with a challenge that names all of them, where nothing was sent
   * yet and somebody authenticates callers. Answers whether that was done; where it was not, send an error instead.
   */
  challenge? (scopes: readonly string[]): boolean
}

/** What answers messages. */
export interface McpApplication {
  /** Revisions it can answer; the endpoint serves those it knows itself. */
  readonly revisions: readonly Revision[]
  /**
   * Called once per inbound message, except for what the transport answers itself: `subscriptions/listen` and
   * `notifications/cancelled` (which fires {@link Exchange.signal} instead).
   *
   * The application answers a request in one of two ways: it returns the result, or it sends a response through {@link Exchange.send}. A
   * throw or rejection answers an unanswered request with an internal error. So does a promise that fulfils without a result while the
   * request is unanswered, unless the application has called {@link Exchange.onAbort} or waits for the client: then it may answer later.
   * Return `undefined` synchronously to answer later without either.
   */
  accept (exchange: Exchange): Accepted
  close? (): Promise<void>
}

/** What an application returns for an exchange: the `result` of the request, or nothing if it sends the response itself. */
export type Accepted = void | JsonObject | Promise<void | JsonObject>

/**
 * The application as a plain function, for raw messages. What it returns for a request is the result; see {@link McpApplication.accept}.
 * The endpoint takes it to answer every revision.
 */
export type ExchangeHandler = (exchange: Exchange) => Accepted
