import type { Exchange } from '@mcp/protocol'
import type { MessageExtra, ServerTransport } from './server-transport.ts'

/** A server of either SDK generation, as far as it is used here. */
export interface SdkServer extends ComplainingServer {
  connect (transport: ServerTransport): Promise<void>
  close (): Promise<void>
}

/**
 * What a factory for SDK 1.x returns: its `McpServer` or `Server`. The type is structural, because the SDK declares its classes once for
 * ES modules and once for CommonJS, and a class with private members is assignable to its own declaration only.
 */
export interface SdkV1ServerLike {
  connect (transport: never): Promise<void>
  close (): Promise<void>
}

/** What a factory for SDK 2.x returns: its `Server`, or an `McpServer` around one. Structural, as `SdkV1ServerLike` is. */
export type SdkServerLike = SdkV2Server | (SdkV1ServerLike & { readonly server: SdkV2Server })

/** Servers of SDK 1.x do not have this method. */
interface SdkV2Server extends SdkV1ServerLike {
  getNegotiatedProtocolVersion (): string | undefined
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
