/** The seam to whatever moves HTTP: undici, `fetch`, or an application in the same process. */
import { asError, McpClientError } from '../coded-error.ts'
import { MCP_CLIENT_CONNECTION_LOST, MCP_CLIENT_UNREACHABLE } from '../errors.ts'

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly url: URL
  /** By name, in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

export interface HttpReply {
  readonly status: number
  /** A header field's value; the name is in lower case. */
  header (name: string): string | undefined
  /** Reads the body, once. Resolves at its end. @throws When the connection breaks or the call was aborted. */
  read (onChunk: (chunk: Uint8Array) => void): Promise<void>
}

export interface HttpCall {
  /** Resolves with the head of the answer. Redirects are handed through. */
  readonly reply: Promise<HttpReply>
  /** Ends the call at whatever point it is; harmless when it is over. */
  abort (): void
}

export interface Http {
  request (request: HttpRequest): HttpCall
  /** Lets go of pooled connections, and of calls that still run. */
  close (): Promise<void>
}

/** Failures that happen before a byte of the request is on its way: trying again cannot do anything twice. */
const NEVER_SENT: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'UND_ERR_CONNECT_TIMEOUT'
])

/**
 * The error of this package for what a library threw while sending or reading.
 * @param hint What may be behind it, where the library does not say.
 */
export function httpFailure (error: unknown, hint = ''): McpClientError {
  if (error instanceof McpClientError) return error
  // `fetch` wraps what happened.
  let inner = asError(error)
  while (inner.cause instanceof Error) inner = inner.cause
  const code = 'code' in inner ? inner.code : ''
  const detail = `${inner.message || inner.name} ${inner.message.includes(String(code)) ? '' : `(${code})`} ${hint}`.trim()
  return new (NEVER_SENT.has(code) ? MCP_CLIENT_UNREACHABLE : MCP_CLIENT_CONNECTION_LOST)(detail, { cause: error })
}
