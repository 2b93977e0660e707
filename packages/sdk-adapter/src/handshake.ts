import { isErrorResponse, type InitializeParams, type JsonObject, type Revision } from '@mcp/protocol'
import { handshakeRefused } from './errors.ts'
import type { MessageExtra, ServerTransport } from './server-transport.ts'

/** What a server is told of a client that never introduced itself. */
const STRANGER = { capabilities: {}, clientInfo: { name: 'unknown', version: '0' } }

export function strangerHandshake (revision: Revision): InitializeParams {
  return { ...STRANGER, protocolVersion: revision }
}

/**
 * Takes a server through `initialize` on behalf of a client that went through it before.
 *
 * @throws {SdkAdapterError} `MCP_SDK_HANDSHAKE_REFUSED`
 */
export async function replayHandshake (transport: ServerTransport, params: InitializeParams, extra: MessageExtra): Promise<void> {
  const response = await transport.ask('initialize', params, extra)
  if (isErrorResponse(response)) throw handshakeRefused(response.error.message)
}

/** Repeats requests that set state. A refusal changes nothing for the client, who was told of success long ago. */
export async function replayRequests (
  transport: ServerTransport, requests: ReadonlyArray<{ method: string, params: JsonObject }>, extra: MessageExtra
): Promise<void> {
  await Promise.all(requests.map(request => transport.ask(request.method, request.params, extra)))
}
