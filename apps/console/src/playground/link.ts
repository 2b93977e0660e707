/** One connection of the playground, however it was made. */
import {
  connectHttp, HttpSseClient, Rpc, StreamableHttpClient, type ClientTransport, type ConnectionState, type Http, type RpcHandlers,
  type RpcOptions
} from '@mcp/client/browser'
import { eraOf, isRevision, type Era, type JsonObject, type Revision } from '@mcp/protocol'
import type { Speech } from './choice.ts'

export interface LinkOptions extends RpcHandlers {
  readonly speech: Speech
  /** Absolute. */
  readonly endpoint: string
  /** Absolute: where HTTP+SSE has its stream. */
  readonly ssePath: string
  /** The bearer token; empty: none. */
  readonly token: string
  readonly http: Http
  readonly onState: (state: ConnectionState) => void
  readonly onError: (error: Error) => void
  /** The server had lost the session and a new one was begun. */
  readonly onSession: () => void
}

export interface Link {
  readonly revision: Revision
  readonly era: Era
  readonly transport: 'Streamable HTTP' | 'HTTP+SSE'
  /** The server's answer to `server/discover` or `initialize`. */
  readonly server: JsonObject
  readonly sessionId: string | undefined
  request (method: string, params?: JsonObject, options?: RpcOptions): Promise<JsonObject>
  close (): Promise<void>
}

const clientInfo = { name: 'mcp-console', version: '0.0.0' }
/** What a person at this page can do for a server. */
const capabilities = { elicitation: {} }

/** @throws McpClientError */
export function openLink (options: LinkOptions): Promise<Link> {
  const { speech } = options
  return speech === 'auto' || (speech !== 'http+sse' && eraOf(speech) === 'modern') ? found(options) : greeted(options, speech)
}

/** As `@mcp/client` does it for everybody. */
async function found (options: LinkOptions): Promise<Link> {
  const { speech, endpoint, http, onNotification, onRequest, onError } = options
  const pin = speech === 'auto' ? {} : { pin: 'modern' as const }
  const common = { http, clientInfo, capabilities, verdicts: null, onNotification, onRequest, onError, ...authOf(options) }
  const connection = await connectHttp(endpoint, { ...common, ...pin })
  const { revision, server, transport, kind } = connection
  watch(transport, options)
  return {
    revision,
    era: eraOf(revision),
    transport: kind === 'http+sse' ? 'HTTP+SSE' : 'Streamable HTTP',
    server,
    get sessionId () { return transport.sessionId },
    request: (method, params, how) => connection.request(method, params, how),
    close: () => connection.close()
  }
}

/** With a revision of the user's choice: the handshake is ours. */
async function greeted (options: LinkOptions, speech: 'http+sse' | Revision): Promise<Link> {
  const { endpoint, ssePath, http, onError } = options
  const sse = speech === 'http+sse'
  const settings = { http, ...authOf(options) }
  const transport: ClientTransport = sse ? new HttpSseClient(ssePath, settings) : new StreamableHttpClient(endpoint, settings)
  transport.onerror = onError
  const rpc = new Rpc(transport, options)
  watch(transport, options)
  try {
    await transport.start()
    const server = await rpc.request('initialize', { protocolVersion: sse ? '2024-11-05' : speech, capabilities, clientInfo })
    const revision = server.protocolVersion
    if (!isRevision(revision)) throw new Error(`The server wants revision ${String(revision)}`)
    transport.setProtocolVersion(revision)
    await rpc.notify('notifications/initialized')
    return {
      revision,
      era: eraOf(revision),
      transport: sse ? 'HTTP+SSE' : 'Streamable HTTP',
      server,
      get sessionId () { return transport.sessionId },
      request: (method, params, how) => rpc.request(method, params, how),
      close: () => transport.close()
    }
  } catch (error) {
    await transport.close()
    throw error
  }
}

function authOf ({ token }: LinkOptions) {
  return token === '' ? {} : { auth: { token: () => token } }
}

function watch (transport: ClientTransport, { onState, onSession }: LinkOptions): void {
  transport.onstate = onState
  transport.onsession = () => onSession()
  onState(transport.state)
}
