/** Requests to clients: their ids are rewritten on the way out and restored on the way in. */
import { isRequest, isRequestId, type JsonRpcMessage, type JsonRpcResponse, type RequestId } from '@mcp/protocol'

/** Who waits for a client's response: an exchange, or a session's standalone stream. */
export interface ResponseWaiter {
  /** Takes the response under the id the application gave its request. */
  respond (response: JsonRpcResponse): void
}

interface Outstanding {
  readonly session: string
  readonly id: RequestId
  readonly waiter: ResponseWaiter
}

const WIRE_ID = /^([A-Za-z0-9-]+)\.[0-9a-z]+$/

/**
 * The requests this node sent and whose answers it waits for. A rewritten id names the node, so that a response POSTed to
 * any other node finds its way, and is unique on it, so that equal ids of two servers cannot meet.
 */
export class OutboundRequests {
  readonly #node: string
  readonly #outstanding = new Map<string, Outstanding>()
  /** Wire ids by waiter and original id, for the cancellation of a request by its sender. */
  readonly #wireIds = new WeakMap<ResponseWaiter, Map<RequestId, string>>()
  #count = 0

  constructor (node: string) {
    this.#node = node
  }

  get size (): number {
    return this.#outstanding.size
  }

  /** The message as the client sees it: a request under its wire id, the cancellation of one naming that wire id. */
  rewrite (session: string, message: JsonRpcMessage, waiter: ResponseWaiter): JsonRpcMessage {
    if (!('method' in message)) return message
    if (isRequest(message)) return { ...message, id: this.#register(session, message.id, waiter) }
    if (message.method !== 'notifications/cancelled') return message
    const requestId = message.params?.requestId
    const wireId = isRequestId(requestId) ? this.#wireIds.get(waiter)?.get(requestId) : undefined
    if (wireId === undefined) return message
    this.#forget(wireId)
    return { ...message, params: { ...message.params, requestId: wireId } }
  }

  /** Hands a client's response to whoever waits for it in this session; answers whether somebody did. */
  resolve (session: string, response: JsonRpcResponse): boolean {
    const wireId = response.id
    const found = typeof wireId === 'string' ? this.#outstanding.get(wireId) : undefined
    if (found === undefined || typeof wireId !== 'string' || found.session !== session) return false
    this.#forget(wireId)
    found.waiter.respond({ ...response, id: found.id })
    return true
  }

  /** What waits for a response: wire id and session of each. */
  * waiting (): Generator<[wireId: string, session: string]> {
    for (const [wireId, { session }] of this.#outstanding) yield [wireId, session]
  }

  /** Nobody waits there any more: late responses are dropped. */
  forgetWaiter (waiter: ResponseWaiter): void {
    for (const wireId of this.#wireIds.get(waiter)?.values() ?? []) this.#outstanding.delete(wireId)
    this.#wireIds.delete(waiter)
  }

  forgetSession (session: string): void {
    for (const [wireId, outstanding] of this.#outstanding) {
      if (outstanding.session === session) this.#forget(wireId)
    }
  }

  #register (session: string, id: RequestId, waiter: ResponseWaiter): string {
    const wireId = `${this.#node}.${(++this.#count).toString(36)}`
    this.#outstanding.set(wireId, { session, id, waiter })
    const ids = this.#wireIds.get(waiter) ?? new Map<RequestId, string>()
    this.#wireIds.set(waiter, ids.set(id, wireId))
    return wireId
  }

  #forget (wireId: string): void {
    const outstanding = this.#outstanding.get(wireId)
    if (outstanding === undefined) return
    this.#outstanding.delete(wireId)
    this.#wireIds.get(outstanding.waiter)?.delete(outstanding.id)
  }
}

/** The node a wire id was made on, or `null` when it is none of ours. */
export function nodeOf (wireId: unknown): string | null {
  return typeof wireId === 'string' ? WIRE_ID.exec(wireId)?.[1] ?? null : null
}
