/** HTTP requests as text. They are the same bytes for every contestant of a comparison, the bare route included. */

/** How a client addresses the endpoint: in a session of the legacy era, or with the envelope of the modern one. */
export type Addressing = ({ readonly era: 'legacy', readonly session: string | null } | { readonly era: 'modern' }) & {
  /** Sent as `Authorization: Bearer`. */
  readonly token?: string | undefined
}

export interface Call {
  readonly id?: number
  readonly method: string
  readonly params?: Readonly<Record<string, unknown>>
}

const LEGACY = '2025-11-25'
const MODERN = '2026-07-28'
const CLIENT_INFO = { name: 'bench-client', version: '1.0.0' }
const META = 'io.modelcontextprotocol/'
const ENVELOPE = { [`${META}protocolVersion`]: MODERN, [`${META}clientInfo`]: CLIENT_INFO, [`${META}clientCapabilities`]: {} }
export const INITIALIZE: Call = {
  id: 1,
  method: 'initialize',
  params: { protocolVersion: LEGACY, capabilities: {}, clientInfo: CLIENT_INFO }
}

export const INITIALIZED: Call = { method: 'notifications/initialized' }

/** Ids of calls have seven digits, so that every request of a kind has the same length. */
export const FIRST_ID = 1_000_001
const PLACEHOLDER = '1000000'

export function post (port: number, addressing: Addressing, call: Call): string {
  const params = addressing.era === 'modern' ? { ...call.params, _meta: { ...ENVELOPE, ...metaOf(call) } } : call.params
  const body = JSON.stringify({ jsonrpc: '2.0', ...call, params })
  return [
    'POST /mcp HTTP/1.1',
    `host: 127.0.0.1:${port}`,
    'content-type: application/json',
    'accept: application/json, text/event-stream',
    ...headers(addressing, call),
    `content-length: ${Buffer.byteLength(body)}`,
    '',
    body
  ].join('\r\n')
}

/** `lastEventId`: where the stream is to be continued; without it, the standalone stream. */
export function get (port: number, addressing: Addressing, lastEventId: string | null = null): string {
  const call = { method: '' }
  const resumed = lastEventId === null ? [] : [`last-event-id: ${lastEventId}`]
  const host = `host: 127.0.0.1:${port}`
  return ['GET /mcp HTTP/1.1', host, 'accept: text/event-stream', ...headers(addressing, call), ...resumed, '', ''].join('\r\n')
}

/** Makes `echo` requests from ids at the price of one `join`. */
export function echoRequests (port: number, addressing: Addressing): (id: number) => string {
  const params = { name: 'echo', arguments: { text: `echo ${PLACEHOLDER}` } }
  const parts = post(port, addressing, { id: Number(PLACEHOLDER), method: 'tools/call', params }).split(PLACEHOLDER)
  return id => parts.join(String(id))
}

export function burstRequest (port: number, addressing: Addressing, id: number, count: number): string {
  const params = { name: 'burst', arguments: { count }, _meta: { progressToken: `burst ${id}` } }
  return post(port, addressing, { id, method: 'tools/call', params })
}

function metaOf ({ params }: Call): object {
  return typeof params?._meta === 'object' && params._meta !== null ? params._meta : {}
}

function headers (addressing: Addressing, { method, params }: Call): string[] {
  const credential = addressing.token === undefined ? [] : [`authorization: Bearer ${addressing.token}`]
  if (addressing.era === 'modern') {
    const name = typeof params?.name === 'string' ? [`mcp-name: ${params.name}`] : []
    return [...credential, `mcp-protocol-version: ${MODERN}`, `mcp-method: ${method}`, ...name]
  }
  return addressing.session === null ? credential : [...credential, `mcp-session-id: ${addressing.session}`, `mcp-protocol-version: ${LEGACY}`]
}
