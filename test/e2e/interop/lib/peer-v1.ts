import { Client, type ClientOptions } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import { CreateMessageRequestSchema, ElicitRequestSchema, ListRootsRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import { ALL_CAPABILITIES, ANSWERS, CLIENT_INFO, Inbox, type Peer, type PeerOptions } from './peer.ts'
import { Wire } from './wire.ts'

/** The client of `@modelcontextprotocol/sdk` 1.x, connected. It offers 2025-11-25 and takes any older revision. */
export async function connectV1 (url: string, options: PeerOptions = {}, wire = new Wire()): Promise<Peer> {
  const answers = { ...ANSWERS, ...options.answers }
  const capabilities = options.capabilities ?? ALL_CAPABILITIES
  const client = new Client(CLIENT_INFO, { capabilities } as ClientOptions)
  const notifications = new Inbox()
  const errors: Error[] = []
  client.fallbackNotificationHandler = notifications.put
  client.onerror = error => errors.push(error)
  if (capabilities.elicitation !== undefined) {
    client.setRequestHandler(ElicitRequestSchema, async ({ params }) => ({ action: 'cancel', ...await answers.elicitation({ ...params }) }))
  }
  if (capabilities.sampling !== undefined) {
    client.setRequestHandler(CreateMessageRequestSchema, async ({ params }) => ({ ...sampled, ...await answers.sampling({ ...params }) }))
  }
  if (capabilities.roots !== undefined) client.setRequestHandler(ListRootsRequestSchema, () => ({ roots: [], ...answers.roots() }))

  const transport = new StreamableHTTPClientTransport(new URL(url), {
    fetch: wire.fetch,
    ...(options.session !== undefined && { sessionId: options.session.id })
  })
  // The transport's `sessionId` getter does not fit the SDK's own interface under exactOptionalPropertyTypes.
  await client.connect(transport as Transport)
  return {
    client,
    v2: null,
    transport,
    wire,
    revision: transport.protocolVersion ?? '',
    notifications,
    errors,
    call: async (name, args = {}, options = {}, meta) => {
      const params = { name, arguments: args, ...(meta !== undefined && { _meta: meta }) }
      return { ...await client.callTool(params, undefined, options as object) }
    },
    close: () => client.close()
  }
}

const sampled = { role: 'assistant' as const, model: 'none', content: { type: 'text' as const, text: '' } }
