import type { Exchange } from '@mcp/protocol'
import type { MessageExtra, ServerTransport } from './server-transport.ts'

/** A server of either SDK generation, as far as it is used here. */
export interface SdkServer extends ComplainingServer {
  connect (transport: ServerTransport): Promise<void>
  close (): Promise<void>
}

/** The part of a server that reports what it cannot handle. */
export interface ComplainingServer {
  onerror?: ((error: Error) => void) | undefined
}

/** The server proper, which an `McpServer` wraps. */
export function complainingServer (product: SdkServer & { readonly server?: ComplainingServer }): ComplainingServer {
  return product.server ?? product
}

/** What differs between the SDK generations. */
export interface Generation {
  /** Calls the factory for one session or request and claims what it returns. */
  create (exchange: Exchange): Promise<SdkServer>
  /** What goes with a message of this exchange. */
  extra (exchange: Exchange): MessageExtra
}
