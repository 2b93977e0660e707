/** One official client that works through chaos, watched. */
import { Client, StreamableHTTPClientTransport, type McpSubscription } from '@modelcontextprotocol/client'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import { CreateMessageRequestSchema, ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import { isObject, type JsonObject } from '@mcp/protocol'
import type { Ledger } from './ledger.ts'
import { PATIENCE_MS } from './settings.ts'
import { watchedFetch, type FetchWatcher, type Sent } from './watched-fetch.ts'

export const KINDS = ['sdk 1.x', 'client 2.x legacy', 'client 2.x modern'] as const
export type ClientKind = typeof KINDS[number]

/** More patient than the clients are by themselves: nodes of a test die faster than nodes do. */
const RECONNECTION = { initialReconnectionDelay: 200, maxReconnectionDelay: 1_000, reconnectionDelayGrowFactor: 1.5, maxRetries: 1_000 }
/** Longer than the ledger waits, so that it is the ledger that complains. */
const TIMEOUT_MS = 20 * PATIENCE_MS
const INFO = { name: 'chaos', version: '1.0.0' }
const CAPABILITIES = { elicitation: { form: {} }, sampling: {} }
const ELICITED = { action: 'accept' as const, content: { username: 'ada', email: 'ada@example.com' } }
const SAMPLED = { role: 'assistant' as const, model: 'none', content: { type: 'text' as const, text: 'Paris' } }
/** Refusals that say "later", or come from the proxy, or break no promise. */
const UNDERSTOOD = new Set([502, 503, 504])

export interface ChaosClient {
  readonly name: string
  readonly kind: ClientKind
  readonly sessionId: string | undefined
  /** Changes heard: notifications by method and resource. */
  readonly heard: Map<string, number>
  call (name: string, args: JsonObject, token: string, signal: AbortSignal): Promise<JsonObject>
  subscribe (uri: string): Promise<unknown>
  listen (uri: string): Promise<McpSubscription>
  close (): Promise<void>
}

export async function connectClient (name: string, kind: ClientKind, url: string, ledger: Ledger): Promise<ChaosClient> {
  const heard = new Map<string, number>()
  const fetch = watchedFetch(watcherOf(name, ledger, heard))
  const reconnectionOptions = { ...RECONNECTION }
  const options = { fetch, reconnectionOptions }
  // Version 1 goes on trying after it was closed.
  const stop = (): void => { reconnectionOptions.maxRetries = 0 }
  const common = { name, kind, heard }
  if (kind === 'sdk 1.x') {
    const client = new ClientV1(INFO, { capabilities: CAPABILITIES })
    client.setRequestHandler(ElicitRequestSchema, () => ELICITED)
    client.setRequestHandler(CreateMessageRequestSchema, () => SAMPLED)
    const transport = new TransportV1(new URL(url), options)
    // The transport's `sessionId` getter does not fit the SDK's own interface under exactOptionalPropertyTypes.
    await client.connect(transport as Transport)
    return {
      ...common,
      get sessionId () { return transport.sessionId },
      call: async (name, args, token, signal) => {
        const params = { name, arguments: args, _meta: { progressToken: token } }
        return { ...await client.callTool(params, undefined, { signal, timeout: TIMEOUT_MS }) }
      },
      subscribe: uri => client.subscribeResource({ uri }),
      listen: () => Promise.reject(new Error('legacy clients do not listen')),
      close: () => client.close().finally(stop)
    }
  }
  const modern = kind === 'client 2.x modern'
  const client = new Client(INFO, { capabilities: CAPABILITIES, ...(modern && { versionNegotiation: { mode: { pin: '2026-07-28' } } }) })
  client.setRequestHandler('elicitation/create', () => ELICITED)
  client.setRequestHandler('sampling/createMessage', () => SAMPLED)
  const transport = new StreamableHTTPClientTransport(new URL(url), options)
  await client.connect(transport)
  return {
    ...common,
    get sessionId () { return transport.sessionId },
    call: async (name, args, token, signal) => {
      return { ...await client.callTool({ name, arguments: args, _meta: { progressToken: token } }, { signal, timeout: TIMEOUT_MS }) }
    },
    subscribe: uri => client.subscribeResource({ uri }),
    listen: uri => client.listen({ resourceSubscriptions: [uri] }, { timeout: 20_000 }),
    close: () => client.close().finally(stop)
  }
}

function watcherOf (name: string, ledger: Ledger, heard: Map<string, number>): FetchWatcher {
  /** Calls by the id of the request that the server sent for them. */
  const asked = new Map<unknown, string>()
  return {
    onStatus: (method, status, resuming, headers) => {
      if (resuming && status === 200) ledger.figures.resumes++
      if (status >= 400 && !UNDERSTOOD.has(status)) ledger.violations.push(`${name}: HTTP ${status} to ${method}${resuming ? ' that resumes' : ''}`)
      // What nginx says by itself is a page; the endpoint says when to come back.
      const own = headers.get('content-type')?.includes('json') === true
      if (status === 503 && own && ledger.strict) ledger.expect(headers.has('retry-after'), `${name}: 503 without Retry-After`)
    },
    onRefused: (sent, reason) => {
      // A client says nothing when its own answer does not get through, and does not try again.
      if (sent.method === undefined) ledger.give(asked.get(sent.id) ?? '', `its answer was refused: ${reason}`)
    },
    onMessage: message => {
      const params = isObject(message.params) ? message.params : {}
      if (message.method === 'notifications/progress') return ledger.progressed(String(params.progressToken), Number(params.progress))
      if (message.method !== undefined && message.id !== undefined) asked.set(message.id, tokenIn(params))
      else if (message.method !== undefined && message.method !== 'notifications/subscriptions/acknowledged') {
        const change = `${String(message.method)} ${String(params.uri ?? '')}`.trim()
        heard.set(change, (heard.get(change) ?? 0) + 1)
        ledger.figures.changes++
      }
    },
    onBroken: (sent, resumable) => {
      const token = tokenOf(sent)
      ledger.broke(token)
      // The client waits for its timeout; nothing can come any more.
      if (!resumable) ledger.give(token, 'the stream was lost and cannot be resumed')
    },
    onReturn: (sent, outcome) => ledger.tell(tokenOf(sent), outcome),
    onForgotten: sent => ledger.forgot(tokenOf(sent))
  }
}

/** The token of a call the client makes. */
function tokenOf ({ params }: Sent): string {
  const meta = isObject(params) ? params._meta : undefined
  return isObject(meta) ? String(meta.progressToken) : ''
}

/** The token of the call for which the server asks, which the tools repeat. */
function tokenIn (params: JsonObject): string {
  return /\w+-\d+/.exec(JSON.stringify(params.message ?? params.messages ?? ''))?.[0] ?? ''
}
