/** Where the answer to one request goes, and what is said on the way there. Each transport has its own. */
import type { JsonRpcMessage, JsonRpcResponse, Observers, Refusal } from '@mcp/protocol'
import type { MaybePromise } from '@mcp/storage'
import type { HttpExchange } from './http-exchange.ts'

export interface ReplyChannel {
  /** Whether anything but a response can reach the client. */
  readonly streams: boolean
  /** Whether it is too late for an HTTP status of its own. */
  readonly committed: boolean
  add (exchange: HttpExchange): void
  /** A notification or a request to the client. Answers `null` where this reply cannot carry it. */
  push (message: JsonRpcMessage): Promise<void> | null
  /** The response of one exchange. Throws what `JSON.stringify` throws, and then has done nothing. */
  answer (response: JsonRpcResponse, modern: boolean): Promise<void>
  /** Turns the request away, after all. */
  refuse (refusal: Refusal): Promise<void>
  /** One exchange ends without a response: cancelled by the client, or the session is over. */
  abandon (): void
  /** Closes the connection, keeps the stream, and asks the client to come back; ignored where that cannot be. */
  release (retryMs: number): void
}

/** What replies need of the endpoint they belong to. */
export interface ReplyHost {
  readonly observers: Observers | undefined
  /** None of its requests runs any more. */
  finish (reply: RunningReply): void
}

/** A reply whose requests still run. */
export interface RunningReply {
  readonly over: boolean
  readonly exchanges: readonly HttpExchange[]
  /** Called several times in a keep-alive interval. */
  sweep (): void
}

/** `initialize` on its way to a session: judges the application's answer. No refusal means it may go out. */
export interface Opening {
  settle (response: JsonRpcResponse): MaybePromise<Refusal | null>
}
