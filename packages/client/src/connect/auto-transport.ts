import type { JsonObject } from '@mcp/protocol'
import { asError, type McpClientError } from '../coded-error.ts'
import type { ConnectionState } from '../connection-state.ts'
import { MCP_CLIENT_CLOSED, MCP_CLIENT_HTTP_STATUS } from '../errors.ts'
import type { Http } from '../http/http.ts'
import type { HttpTransport } from '../http-transport.ts'
import { HttpSseTransport } from '../http-sse/http-sse-transport.ts'
import type { StreamableClientOptions } from '../options.ts'
import { StreamableTransport } from '../streamable/streamable-transport.ts'
import type { ClientTransport, SendOptions, TransportMessage } from '../transport.ts'
import { noTransport } from './attempts.ts'

export type TransportKind = 'streamable' | 'http+sse'

export interface AutoTransportOptions extends StreamableClientOptions {
  /** The only transport to use. Default: Streamable HTTP, and HTTP+SSE where a server refuses `initialize` there. */
  readonly transport?: TransportKind
}

/** Streamable HTTP, or HTTP+SSE where a server knows only that: decided by how it answers `initialize` (I-6). */
export class AutoTransport implements ClientTransport {
  onmessage?: ((message: TransportMessage) => void) | undefined
  onerror?: ((error: Error) => void) | undefined
  onclose?: (() => void) | undefined
  onstate?: ((state: ConnectionState) => void) | undefined
  onsession?: ((initializeResult: JsonObject) => void) | undefined
  readonly hasPerRequestStream = true
  #kind: TransportKind
  #inner: HttpTransport & { readonly sessionId?: string | undefined }
  #closed = false
  readonly #pinned: boolean
  readonly #make: (kind: TransportKind) => HttpTransport

  constructor (url: string | URL, options: AutoTransportOptions, http: () => Http) {
    this.#pinned = options.transport !== undefined
    this.#kind = options.transport ?? 'streamable'
    this.#make = kind => new (kind === 'streamable' ? StreamableTransport : HttpSseTransport)(url, options, http, this)
    this.#inner = this.#make(this.#kind)
  }

  get kind (): TransportKind {
    return this.#kind
  }

  get state (): ConnectionState {
    return this.#inner.state
  }

  get sessionId (): string | undefined {
    return this.#inner.sessionId
  }

  setProtocolVersion (version: string): void {
    this.#inner.setProtocolVersion(version)
  }

  start (): Promise<void> {
    return this.#inner.start()
  }

  async send (message: TransportMessage, options: SendOptions = {}): Promise<void> {
    try {
      await this.#inner.send(message, options)
    } catch (error) {
      if (this.#pinned || this.#kind !== 'streamable' || message.method !== 'initialize' || !isRefused(error)) throw error
      await this.#fallBack(error)
      await this.#inner.send(message, options)
    }
  }

  close (): Promise<void> {
    this.#closed = true
    return this.#inner.close()
  }

  async #fallBack (refusal: McpClientError): Promise<void> {
    const sse = this.#make('http+sse')
    try {
      await sse.start()
    } catch (error) {
      await sse.forsake()
      throw noTransport([{ what: 'Streamable HTTP', error: refusal }, { what: 'HTTP+SSE', error: asError(error) }])
    }
    await this.#inner.forsake()
    if (this.#closed) {
      await sse.close()
      throw new MCP_CLIENT_CLOSED()
    }
    this.#inner = sse
    this.#kind = 'http+sse'
    this.onstate?.(sse.state)
  }
}

/** A server of 2024-11-05 knows no POST here. Wanting credentials, or time, is no sign of that. */
function isRefused (error: unknown): error is McpClientError {
  if (!(error instanceof MCP_CLIENT_HTTP_STATUS)) return false
  const { status = 0 } = error
  return status >= 400 && status < 500 && ![401, 403, 408, 413, 429, 431].includes(status)
}
