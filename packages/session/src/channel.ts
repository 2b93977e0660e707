/** What nodes tell each other about one session. The bus may lose any of it: the stores are the truth. */
import { isObject, isRequestId, type JsonRpcResponse, type RequestId } from '@mcp/protocol'

export type SessionNews =
  /** The stream has new events in the store. */
  | { readonly kind: 'stored', readonly stream: string }
  /** A connection took the stream over; older ones close. */
  | { readonly kind: 'taken', readonly stream: string, readonly by: string }
  /** Whoever carries the stream closes its connection and asks the client to come back. */
  | { readonly kind: 'released', readonly stream: string, readonly retryMs: number | undefined }
  /** The client cancels its request. */
  | { readonly kind: 'cancelled', readonly requestId: RequestId, readonly reason: string | undefined }
  /** The session is over. */
  | { readonly kind: 'ended', readonly reason: string }

/** A client's response on its way to the node that waits for it. */
export interface ForwardedResponse {
  readonly session: string
  readonly response: JsonRpcResponse
}

export function sessionChannel (session: string): string {
  return 'session:' + session
}

export function nodeChannel (node: string): string {
  return 'node:' + node
}

/** `null` for what no node of this version says. */
export function parseNews (text: string): SessionNews | null {
  const news = parse(text)
  if (news === null) return null
  switch (news.kind) {
    case 'stored':
      return typeof news.stream === 'string' ? { kind: 'stored', stream: news.stream } : null
    case 'taken':
      return typeof news.stream === 'string' && typeof news.by === 'string' ? { kind: 'taken', stream: news.stream, by: news.by } : null
    case 'released': {
      const retryMs = typeof news.retryMs === 'number' ? news.retryMs : undefined
      return typeof news.stream === 'string' ? { kind: 'released', stream: news.stream, retryMs } : null
    }
    case 'cancelled': {
      const reason = typeof news.reason === 'string' ? news.reason : undefined
      return isRequestId(news.requestId) ? { kind: 'cancelled', requestId: news.requestId, reason } : null
    }
    case 'ended':
      return { kind: 'ended', reason: String(news.reason) }
    default:
      return null
  }
}

export function parseForwarded (text: string): ForwardedResponse | null {
  const forwarded = parse(text)
  if (forwarded === null || typeof forwarded.session !== 'string' || !isObject(forwarded.response)) return null
  return { session: forwarded.session, response: forwarded.response as unknown as JsonRpcResponse }
}

function parse (text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : null
  } catch {
    return null
  }
}
