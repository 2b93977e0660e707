import { AutoTransport, type AutoTransportOptions } from './connect/auto-transport.ts'
import { connect, type ConnectOptions } from './connect/connect.ts'
import type { Connection } from './connect/connection.ts'
import { fetchHttp } from './http/fetch-http.ts'
import { HttpSseTransport } from './http-sse/http-sse-transport.ts'
import type { ClientOptions, StreamableClientOptions } from './options.ts'
import { StreamableTransport } from './streamable/streamable-transport.ts'

export * from './exports.ts'

/** Streamable HTTP of every revision, both eras. Over `fetch`. */
export class StreamableHttpClient extends StreamableTransport {
  /** @throws MCP_CLIENT_BAD_OPTION */
  constructor (url: string | URL, options: StreamableClientOptions = {}) {
    super(url, options, () => fetchHttp())
  }
}

/** The two-endpoint transport of 2024-11-05. Over `fetch`. */
export class HttpSseClient extends HttpSseTransport {
  /** @throws MCP_CLIENT_BAD_OPTION */
  constructor (url: string | URL, options: ClientOptions = {}) {
    super(url, options, () => fetchHttp())
  }
}

/**
 * Streamable HTTP, or HTTP+SSE where the server refuses `initialize` there: for official SDK clients.
 * Over `fetch`.
 */
export class AutoHttpClient extends AutoTransport {
  /** @throws MCP_CLIENT_BAD_OPTION */
  constructor (url: string | URL, options: AutoTransportOptions = {}) {
    super(url, options, () => fetchHttp())
  }
}

/**
 * Finds out what a server speaks and greets it: modern, else legacy Streamable HTTP, else HTTP+SSE.
 * Over `fetch`.
 * @throws MCP_CLIENT_NO_TRANSPORT With every attempt in `attempts`; MCP_CLIENT_UNAUTHORIZED.
 */
export function connectHttp (url: string | URL, options: ConnectOptions = {}): Promise<Connection> {
  return connect(url, options, () => fetchHttp())
}
