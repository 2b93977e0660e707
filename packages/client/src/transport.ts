import type { JsonObject, JsonRpcMessage, RequestId } from '@mcp/protocol'
import type { ConnectionState } from './connection-state.ts'

/** What may be said about one message. The same words as in the official SDK's `TransportSendOptions`. */
export interface SendOptions {
  /** Taken for the SDK's sake; HTTP has no use for it. */
  readonly relatedRequestId?: RequestId | undefined
  /** Legacy: take up the stream of an earlier request after this event instead of sending the request. */
  readonly resumptionToken?: string | undefined
  /** Hears of every event id on the stream of this request. */
  readonly onresumptiontoken?: ((token: string) => void) | undefined
  /** Aborting it closes the stream of this request: in the modern era, that cancels it. */
  readonly requestSignal?: AbortSignal | undefined
  /** The stream of this request ended, and not because `requestSignal` was aborted. */
  readonly onRequestStreamEnd?: (() => void) | undefined
  /** `Mcp-Param-*` and fields of your own for this message alone; what the transport sets stays as it is. */
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/**
 * A message as transports hand it on. Looser than {@link JsonRpcMessage}, so that the official SDK's types and ours fit each other;
 * what arrives has been checked to be one.
 */
export interface TransportMessage {
  readonly jsonrpc: '2.0'
  readonly id?: RequestId | null | undefined
  readonly method?: string | undefined
  readonly params?: object | undefined
  readonly result?: object | undefined
  readonly error?: { readonly code: number, readonly message: string, readonly data?: unknown } | undefined
}

/** Where a client's messages and news go. */
export interface ClientListeners {
  onmessage?: ((message: TransportMessage) => void) | undefined
  onerror?: ((error: Error) => void) | undefined
  onclose?: (() => void) | undefined
  /** The state changed. */
  onstate?: ((state: ConnectionState) => void) | undefined
  /** The server lost the session and a new one was begun: what the old one knew, such as subscriptions, is gone. */
  onsession?: ((initializeResult: JsonObject) => void) | undefined
}

/** The client end of a binding, as the official SDK clients (1.x and 2.x) take it, and for use on its own. */
export interface ClientTransport extends ClientListeners {
  start (): Promise<void>
  /**
   * Resolves when the server took the message; answers arrive at `onmessage`.
   * @throws McpClientError When it was not taken. It was then not delivered either, unless the code is MCP_CLIENT_CONNECTION_LOST.
   */
  send (message: TransportMessage, options?: SendOptions): Promise<void>
  close (): Promise<void>
  setProtocolVersion (version: string): void
  readonly sessionId?: string | undefined
  readonly hasPerRequestStream?: boolean
  readonly state: ConnectionState
}

/** What a transport does with a message it has checked. */
export type Deliver = (message: JsonRpcMessage) => void
