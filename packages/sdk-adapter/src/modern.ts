import {
  ErrorCode, errorResponse, isRequest, isResponseMessage, type Exchange, type JsonRpcNotification, type JsonRpcRequest
} from '@mcp/protocol'
import { noStream } from './errors.ts'
import { isChange } from './message-kinds.ts'
import type { Product } from './modern-binding.ts'
import type { MessageExtra, ServerTransport } from './server-transport.ts'
import type { ToolParams } from './tool-params.ts'

/** What serving the modern era takes, however many servers do it. */
export interface ModernParts {
  /** Calls the factory for one exchange and claims what it returns. */
  create (exchange: Exchange): Promise<Product>
  extra (exchange: Exchange): MessageExtra
  readonly publish: (notification: JsonRpcNotification) => void
  readonly onError: (error: unknown) => void
  readonly params: ToolParams
}

/** Hands a message to a server bound to the modern era. */
export function deliver (parts: ModernParts, transport: ServerTransport, exchange: Exchange): void | Promise<void> {
  const { message } = exchange
  if (isResponseMessage(message)) return transport.checkIdle()
  const extra = parts.extra(exchange)
  if (!isRequest(message)) return transport.notify(message, extra)
  const checked = message.method === 'tools/call' ? parts.params.check(exchange, message, transport, extra) : undefined
  if (checked === undefined) return transport.request(exchange, message, extra)
  return transport.holding(checked.then(fault => fault === undefined
    ? transport.request(exchange, message, extra)
    : exchange.send(errorResponse(message.id, ErrorCode.HeaderMismatch, `Header mismatch: ${fault}`))))
}

/** Where a modern server's messages go that belong to no request: changes to whoever listens, the rest nowhere. */
export async function standalone (parts: ModernParts, message: JsonRpcRequest | JsonRpcNotification): Promise<void> {
  if (isRequest(message)) throw noStream(message.method)
  if (!isChange(message.method)) return
  if (message.method === 'notifications/tools/list_changed') parts.params.clear()
  parts.publish(message)
}
