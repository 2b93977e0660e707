import type { Server } from '@modelcontextprotocol/server'
import { metaOf, MetaKey, type JsonRpcRequest } from '@mcp/protocol'
import type { ServerTransport } from './server-transport.ts'

/**
 * Lets `getClientCapabilities()` and `getClientVersion()` of a modern server answer from the envelope of the request being
 * handled, as they do under the SDK's own HTTP handler.
 *
 * @param only the request of a server that has just one, for code that runs outside of its handler.
 */
export function seedClientIdentity (server: Server, transport: ServerTransport, only?: JsonRpcRequest): void {
  const read = (key: string): unknown => {
    const request = transport.currentRequest ?? only
    return request === undefined ? undefined : metaOf(request)?.[key]
  }
  Object.assign(server, {
    getClientCapabilities: () => read(MetaKey.ClientCapabilities),
    getClientVersion: () => read(MetaKey.ClientInfo)
  })
}
