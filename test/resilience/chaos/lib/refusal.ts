/** What a node says to a request that needs the storage. */
import type { JsonObject } from '@mcp/protocol'
import { OPENING, request } from './raw-client.ts'
import type { ReferenceNode } from './reference-node.ts'

export interface Refusal {
  readonly status: number
  readonly retryAfter: boolean
}

/** A request of a session that is known. */
export function offer ({ url }: ReferenceNode, session: string): Promise<Refusal> {
  return answerTo(url, { jsonrpc: '2.0', id: 'outage', method: 'ping' }, { 'mcp-session-id': session })
}

/** A client that opens a new session. */
export function come ({ url }: ReferenceNode): Promise<Refusal> {
  return answerTo(url, request('initialize', OPENING), {})
}

async function answerTo (url: string, body: JsonObject, headers: Record<string, string>): Promise<Refusal> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
    body: JSON.stringify(body)
  })
  await response.body?.cancel()
  return { status: response.status, retryAfter: response.headers.has('retry-after') }
}
