import { isModernVersion, type JsonObject, type JsonRpcMessage, type JsonRpcNotification, type JsonRpcRequest } from '@mcp/protocol'
import * as Header from '@mcp/protocol/header'
import { asError } from './coded-error.ts'
import { MCP_CLIENT_SESSION_LOST } from './errors.ts'

/** Sessions begun in a row without anything being accepted in them: a server that forgets each at once is not asked forever. */
const MAX_RENEWALS = 3
/** After this it is asked again, milliseconds. */
const TRUCE_MS = 30_000

/** From this revision on, clients send the header. */
const FIRST_WITH_HEADER = '2025-06-18'

/** Visible ASCII, as the specification has it (D-2). */
const SESSION_ID = /^[\x21-\x7e]{1,1024}$/

/** How a handshake is said. */
export interface Greeter {
  /** Resolves with the answer. */
  ask (request: JsonRpcRequest): Promise<JsonRpcMessage>
  tell (notification: JsonRpcNotification): Promise<void>
}

/** The client's side of a legacy session. */
export class Session {
  id: string | undefined
  revision: string | undefined
  #params: JsonObject | undefined
  #handshakes = 0
  #renewals = 0
  #renewedAt = 0
  #renewing: Promise<void> | undefined

  constructor (id: string | undefined, revision: string | undefined) {
    this.id = id
    this.revision = revision
  }

  /** Whether there is none, because the revision knows none. */
  get modern (): boolean {
    return this.revision !== undefined && isModernVersion(this.revision)
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
    this.#params = params ?? {}
  }

  /** The answer that carries the result says the id, no other does (I-10). */
  named (id: string | undefined): void {
    this.id = id !== undefined && SESSION_ID.test(id) ? id : undefined
  }

  /** `initialize` was answered. */
  answered (message: JsonRpcMessage): void {
    if ('error' in message) this.id = undefined
    if ('result' in message && typeof message.result.protocolVersion === 'string') this.revision = message.result.protocolVersion
  }

  /** Whether there was a handshake that can be said again. */
  get repeatable (): boolean {
    return this.#params !== undefined
  }

  /** Says the first handshake again. Resolves with the server's `InitializeResult`. @throws MCP_CLIENT_SESSION_LOST */
  async greet ({ ask, tell }: Greeter): Promise<JsonObject> {
    const answer = await ask({ jsonrpc: '2.0', id: `renew-${++this.#handshakes}`, method: 'initialize', params: this.#params ?? {} })
    if (!('result' in answer)) throw new MCP_CLIENT_SESSION_LOST('error' in answer ? answer.error.message : 'no answer')
    await tell({ jsonrpc: '2.0', method: 'notifications/initialized' })
    return answer.result
  }

  /** The server took something in this session. */
  accepted (): void {
    this.#renewals = 0
  }

  /**
   * The server does not know the session `lost` any more. Everybody who finds that out shares one handshake (D-8, I-12).
   * @throws MCP_CLIENT_SESSION_LOST When there is no way to begin another.
   */
  async renew (lost: string, handshake: () => Promise<void>): Promise<void> {
    if (this.#renewing === undefined) {
      if (lost !== this.id) return
      if (!this.repeatable) throw new MCP_CLIENT_SESSION_LOST('it was begun elsewhere')
      const now = performance.now()
      if (now - this.#renewedAt > TRUCE_MS) this.#renewals = 0
      if (this.#renewals >= MAX_RENEWALS) throw new MCP_CLIENT_SESSION_LOST('new ones are lost at once')
      this.#renewals++
      this.#renewedAt = now
      this.#renewing = this.#renew(handshake).finally(() => { this.#renewing = undefined })
    }
    await this.#renewing
  }

  async #renew (handshake: () => Promise<void>): Promise<void> {
    const { id, revision } = this
    try {
      await handshake()
    } catch (error) {
      // Whoever comes next finds it lost again, and may try again.
      this.id = id
      this.revision = revision
      throw new MCP_CLIENT_SESSION_LOST(asError(error).message, { cause: error })
    }
  }
}
