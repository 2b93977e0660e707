/** What a node says to a request that needs the storage. */
import type { ReferenceNode } from './reference-node.ts'

export interface Refusal {
  readonly status: number
  readonly retryAfter: boolean
}

export async function offer ({ url }: ReferenceNode, session: string): Promise<Refusal> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', 'mcp-session-id': session },
    body: JSON.stringify({ jsonrpc: '2.0', id: 'outage', method: 'ping' })
  })
  await response.body?.cancel()
  return { status: response.status, retryAfter: response.headers.has('retry-after') }
}
