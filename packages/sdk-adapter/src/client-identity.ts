import type { Server } from '@modelcontextprotocol/server'
import { metaOf, MetaKey, type JsonObject, type JsonRpcMessage } from '@mcp/protocol'

/**
 * Lets `getClientCapabilities()` and `getClientVersion()` of a modern server answer from the envelope of a request, as they
 * do under the SDK's own HTTP handler.
 */
export function seedClientIdentity (server: Server, message: JsonRpcMessage): void {
  const meta = envelopeOf(message)
  Object.assign(server, {
    getClientCapabilities: () => meta?.[MetaKey.ClientCapabilities],
    getClientVersion: () => meta?.[MetaKey.ClientInfo]
  })
}

/** Names the client a modern message says it comes from. */
export function clientKey (message: JsonRpcMessage): string {
  const meta = envelopeOf(message)
  return JSON.stringify([meta?.[MetaKey.ClientInfo], meta?.[MetaKey.ClientCapabilities]])
}

function envelopeOf (message: JsonRpcMessage): JsonObject | undefined {
  return 'method' in message ? metaOf(message) : undefined
}
