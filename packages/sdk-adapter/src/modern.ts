import { isRequest, isResponseMessage, type Exchange, type JsonRpcNotification, type JsonRpcRequest } from '@mcp/protocol'
import { noStream } from './errors.ts'
import { isChange } from './message-kinds.ts'
import type { Product } from './modern-binding.ts'
import type { Publish } from './options.ts'
import type { MessageExtra, ServerTransport } from './server-transport.ts'

/** What serving the modern era takes, however many servers do it. */
export interface ModernParts {
  /** Calls the factory for one exchange and claims what it returns. */
  create (exchange: Exchange): Promise<Product>
  extra (exchange: Exchange): MessageExtra
  readonly publish: Publish
  readonly onError: (error: unknown) => void
}

/** Hands a message to a server bound to the modern era. */
export function deliver (parts: ModernParts, transport: ServerTransport, exchange: Exchange): void | Promise<void> {
  const { message } = exchange
  // The modern era has no requests to the client, hence no responses of it.
  if (isResponseMessage(message)) return transport.checkIdle()
  const extra = parts.extra(exchange)
  return isRequest(message) ? transport.request(exchange, message, extra) : transport.notify(message, extra)
}

/** Where a modern server's messages go that belong to no request: changes to whoever listens, the rest nowhere. */
export async function standalone (parts: ModernParts, message: JsonRpcRequest | JsonRpcNotification): Promise<void> {
  if (isRequest(message)) throw noStream(message.method)
  if (!isChange(message)) return
  try {
    await parts.publish(message)
  } catch (error) {
    parts.onError(error)
  }
}
