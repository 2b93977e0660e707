import { Header, isObject, isResponseMessage, type JsonObject, type JsonRpcMessage, type JsonRpcRequest } from '@mcp/protocol'
import { MCP_CLIENT_SESSION_LOST } from '../errors.ts'

/** Sessions begun in a row without anything being accepted in them: a server that forgets each at once is not asked forever. */
const MAX_RENEWALS = 3
/** After this it is asked again, milliseconds. */
const TRUCE_MS = 30_000

/** From this revision on, clients send the header. */
const FIRST_WITH_HEADER = '2025-06-18'

/** Visible ASCII, as the specification has it (D-2). */
const SESSION_ID = /^[\x21-\x7e]{1,1024}$/

/** Begins a session anew with the handshake of the first one; resolves with the server's `InitializeResult`. */
export type Handshake = (params: JsonObject | undefined) => Promise<JsonObject>

/** The client's side of a legacy session. */
export class Session {
  id: string | undefined
  revision: string | undefined
  #params: JsonObject | undefined
  #known = false
  #renewals = 0
  #renewedAt = 0
  #renewing: Promise<void> | undefined

  constructor (id: string | undefined, revision: string | undefined) {
    this.id = id
    this.revision = revision
  }

  /** Headers that name session and revision, from the handshake on. */
  headers (): Record<string, string> {
    const headers: Record<string, string> = {}
    if (this.id !== undefined) headers[Header.SessionId] = this.id
    if (this.revision !== undefined && this.revision >= FIRST_WITH_HEADER) headers[Header.ProtocolVersion] = this.revision
    return headers
  }

  /** `initialize` is about to be sent: without a session. */
  begins ({ params }: JsonRpcRequest): void {
    this.id = undefined
    this.revision = undefined
    this.#params = params
    this.#known = true
  }

  /** The answer that carries the result says the id, no other does (I-10). */
  named (id: string | undefined): void {
    this.id = id !== undefined && SESSION_ID.test(id) ? id : undefined
  }

  /** `initialize` was answered. */
  answered (message: JsonRpcMessage): void {
    if (!isResponseMessage(message)) return
    if ('error' in message) this.id = undefined
    else if (typeof message.result.protocolVersion === 'string') this.revision = message.result.protocolVersion
  }

  /** The server took something in this session. */
  accepted (): void {
    this.#renewals = 0
  }

  /**
   * The server does not know the session `lost` any more. Everybody who finds that out shares one handshake (D-8, I-12).
   * @throws MCP_CLIENT_SESSION_LOST When there is no way to begin another.
   */
  renew (lost: string | undefined, handshake: Handshake): Promise<void> {
    if (this.#renewing !== undefined) return this.#renewing
    if (lost !== this.id) return Promise.resolve()
    if (!this.#known) return Promise.reject(new MCP_CLIENT_SESSION_LOST('it was begun by another client'))
    if (performance.now() - this.#renewedAt > TRUCE_MS) this.#renewals = 0
    if (this.#renewals >= MAX_RENEWALS) return Promise.reject(new MCP_CLIENT_SESSION_LOST(`${MAX_RENEWALS} new ones were lost at once`))
    this.#renewals++
    this.#renewedAt = performance.now()
    this.#renewing = this.#renew(handshake).finally(() => { this.#renewing = undefined })
    return this.#renewing
  }

  async #renew (handshake: Handshake): Promise<void> {
    const { id, revision } = this
    try {
      await handshake(this.#params)
    } catch (error) {
      // Whoever comes next finds it lost again, and may try again.
      this.id = id
      this.revision = revision
      throw new MCP_CLIENT_SESSION_LOST(error instanceof Error ? error.message : String(error), { cause: error })
    }
  }
}

/** The `InitializeResult` of a response. @throws MCP_CLIENT_SESSION_LOST */
export function initializeResult (message: JsonRpcMessage): JsonObject {
  if ('result' in message && isObject(message.result)) return message.result
  throw new MCP_CLIENT_SESSION_LOST('error' in message ? message.error.message : 'initialize was not answered')
}
