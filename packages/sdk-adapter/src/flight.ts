import { AsyncLocalStorage } from 'node:async_hooks'
import type { Exchange, JsonRpcRequest, RequestId } from '@mcp/protocol'
import type { ServerTransport } from './server-transport.ts'

/** One request a server is working on. */
export interface Flight {
  readonly transport: ServerTransport
  readonly exchange: Exchange
  /** As the client sent it. */
  readonly request: JsonRpcRequest
  /** The id the server knows it by. */
  readonly innerId: RequestId
  /** Answered or cancelled. */
  over: boolean
  readonly onAbort: () => void
}

/**
 * The request the running code works for. `server.elicitInput()` and its like do not say which request they belong to,
 * yet what they send has to go on that request's stream (C-11); and a handler that goes on after its end must not be
 * taken for a later one with the same id. (Measured on Node 20: no difference in calls per second.)
 */
export const currentFlight = new AsyncLocalStorage<Flight | null>()
