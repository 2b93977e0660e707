import type { JsonObject } from '@mcp/protocol'
import { asError, McpClientError } from '../coded-error.ts'
import type { ConnectionState } from '../connection-state.ts'
import { MCP_CLIENT_CLOSED, MCP_CLIENT_HTTP_STATUS, MCP_CLIENT_NO_TRANSPORT } from '../errors.ts'
import type { Http } from '../http/http.ts'
import { HttpSseTransport } from '../http-sse/http-sse-transport.ts'
import type { StreamableClientOptions } from '../options.ts'
import { StreamableTransport } from '../streamable/streamable-transport.ts'
import type { ClientTransport, SendOptions, TransportMessage } from '../transport.ts'

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
  #inner: ClientTransport
  #closed = false
  readonly #pinned: boolean
  readonly #make: (kind: TransportKind) => ClientTransport

  constructor (url: string | URL, options: AutoTransportOptions, http: () => Http) {
    const { transport, ...rest } = options
    this.#pinned = transport !== undefined
    this.#kind = transport ?? 'streamable'
    this.#make = kind => kind === 'streamable' ? new StreamableTransport(url, rest, http) : new HttpSseTransport(url, rest, http)
    this.#inner = this.#adopt(this.#kind)
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

  async #fallBack (refusal: Error): Promise<void> {
    const streamable = this.#inner
    const sse = this.#adopt('http+sse')
    try {
      await sse.start()
    } catch (error) {
      this.#detach(sse)
      await sse.close()
      const attempts = [{ what: 'Streamable HTTP', error: refusal }, { what: 'HTTP+SSE', error: asError(error) }]
      const { status, body } = refusal instanceof McpClientError ? refusal : { status: undefined, body: undefined }
      const detail = attempts.map(({ what, error }) => `${what}: ${error.message}`).join('; ')
      throw new MCP_CLIENT_NO_TRANSPORT(detail, { cause: refusal, status, body, attempts })
    }
    this.#detach(streamable)
    await streamable.close()
    if (this.#closed) {
      await sse.close()
      throw new MCP_CLIENT_CLOSED()
    }
    this.#inner = sse
    this.#kind = 'http+sse'
    this.onstate?.(sse.state)
  }

  #adopt (kind: TransportKind): ClientTransport {
    const inner = this.#make(kind)
    inner.onmessage = message => this.onmessage?.(message)
    inner.onerror = error => this.onerror?.(error)
    inner.onclose = () => this.onclose?.()
    inner.onstate = state => this.onstate?.(state)
    inner.onsession = result => this.onsession?.(result)
    return inner
  }

  /** What becomes of a transport that was given up is nobody's business. */
  #detach (inner: ClientTransport): void {
    inner.onclose = inner.onstate = inner.onerror = inner.onmessage = inner.onsession = undefined
  }
}

/** A server of 2024-11-05 knows no POST here. Wanting credentials, or time, is no sign of that. */
function isRefused (error: unknown): error is Error {
  if (!(error instanceof MCP_CLIENT_HTTP_STATUS)) return false
  const { status = 0 } = error
  return status >= 400 && status < 500 && ![401, 403, 408, 413, 429, 431].includes(status)
}
