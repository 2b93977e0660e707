import type { Exchange } from '@mcp/protocol'
import type { MessageExtra, ServerTransport } from './server-transport.ts'

/** A server of either SDK generation, as far as it is used here. */
export interface SdkServer {
  connect (transport: ServerTransport): Promise<void>
  close (): Promise<void>
}

/** What differs between the SDK generations. */
export interface Generation {
  /** Calls the factory for one session or request and claims what it returns. */
  create (exchange: Exchange): Promise<SdkServer>
  /** What goes with a message of this exchange. */
  extra (exchange: Exchange): MessageExtra
}
