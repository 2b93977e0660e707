import { Client, StreamableHTTPClientTransport, type ClientOptions } from '@modelcontextprotocol/client'
import { ALL_CAPABILITIES, ANSWERS, CLIENT_INFO, Inbox, type Peer, type PeerOptions } from './peer.ts'
import { Wire } from './wire.ts'

/** Options a test may give the client itself: negotiation, versions, input rounds. */
export type V2Options = PeerOptions & {
  readonly client?: Omit<ClientOptions, 'capabilities'>
}

/** `@modelcontextprotocol/client`, connected. */
export async function connectV2 (url: string, options: V2Options = {}, wire = new Wire()): Promise<Peer> {
  const answers = { ...ANSWERS, ...options.answers }
  const capabilities = options.capabilities ?? ALL_CAPABILITIES
  const client = new Client(CLIENT_INFO, { capabilities, ...options.client } as ClientOptions)
  const notifications = new Inbox()
  const errors: Error[] = []
  client.fallbackNotificationHandler = notifications.put
  client.onerror = error => errors.push(error)
  if (capabilities.elicitation !== undefined) {
    client.setRequestHandler('elicitation/create', async ({ params }) => {
      return { action: 'cancel', ...await answers.elicitation({ ...params }) }
    })
  }
  if (capabilities.sampling !== undefined) {
    client.setRequestHandler('sampling/createMessage', async ({ params }) => ({ ...sampled, ...await answers.sampling({ ...params }) }))
  }
  if (capabilities.roots !== undefined) client.setRequestHandler('roots/list', () => ({ roots: [], ...answers.roots() }))

  const transport = new StreamableHTTPClientTransport(new URL(url), {
    fetch: wire.fetch,
    ...(options.session !== undefined && { sessionId: options.session.id, protocolVersion: options.session.revision })
  })
  await client.connect(transport)
  return {
    client,
    v2: client,
    transport,
    wire,
    revision: client.getNegotiatedProtocolVersion() ?? '',
    notifications,
    errors,
    call: async (name, args = {}, options = {}, meta) =>
      ({ ...await client.callTool({ name, arguments: args, ...(meta !== undefined && { _meta: meta }) }, options) }),
    close: () => client.close()
  }
}

const sampled = { role: 'assistant' as const, model: 'none', content: { type: 'text' as const, text: '' } }
