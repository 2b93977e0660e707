import { isObject, type JsonObject, type Revision } from '@mcp/protocol'
import * as ErrorCode from '@mcp/protocol/error-code'
import * as MetaKey from '@mcp/protocol/meta-key'
import { MCP_CLIENT_BAD_MESSAGE } from '../errors.ts'
import { RpcError, type Rpc, type RpcOptions } from '../rpc/rpc.ts'
import type { AutoTransport, TransportKind } from './auto-transport.ts'

/** Pages of `tools/list` that are read for one tool at most. */
const MAX_PAGES = 100

const RESULT_TYPES: readonly unknown[] = ['complete', 'input_required']

/** What the client says of itself. */
export interface ClientIdentity {
  readonly clientInfo: { readonly name: string, readonly version: string, readonly [key: string]: unknown }
  readonly capabilities: JsonObject
}

/** The envelope every modern request carries (E-1). */
export function envelope ({ clientInfo, capabilities }: ClientIdentity, revision: string): JsonObject {
  return { [MetaKey.ProtocolVersion]: revision, [MetaKey.ClientInfo]: clientInfo, [MetaKey.ClientCapabilities]: capabilities }
}

/** A server that was found and greeted. */
export class Connection {
  readonly kind: 'modern' | TransportKind
  readonly revision: Revision
  /** Its answer to `server/discover` or `initialize`. */
  readonly server: JsonObject
  /** Underneath: state, errors and sessions are observed here. */
  readonly transport: AutoTransport
  readonly #rpc: Rpc
  readonly #identity: ClientIdentity

  constructor (transport: AutoTransport, rpc: Rpc, identity: ClientIdentity, kind: Connection['kind'], revision: Revision, server: JsonObject) {
    this.transport = transport
    this.#rpc = rpc
    this.#identity = identity
    this.kind = kind
    this.revision = revision
    this.server = server
  }

  /** @throws RpcError The server's error. McpClientError Anything that happened on the way. */
  async request (method: string, params?: JsonObject, options?: RpcOptions): Promise<JsonObject> {
    if (this.kind !== 'modern') return this.#rpc.request(method, params, options)
    const result = await this.#modern(method, params, options)
    const { resultType = 'complete' } = result
    // Extensions may add types of their own, where both sides declared them.
    if (RESULT_TYPES.includes(resultType) || 'extensions' in this.#identity.capabilities) return { ...result, resultType }
    throw new MCP_CLIENT_BAD_MESSAGE(`a result of type ${String(resultType)}`) // E-6
  }

  async #modern (method: string, params: JsonObject | undefined, options: RpcOptions | undefined): Promise<JsonObject> {
    const sent = this.#enveloped(params)
    try {
      return await this.#rpc.request(method, sent, options)
    } catch (error) {
      const mismatch = error instanceof RpcError && error.rpc.code === ErrorCode.HeaderMismatch
      if (!mismatch || method !== 'tools/call') throw error
      // The tool's annotations are not the ones we know: listing tells the transport, which mirrors anew (E-25).
      await this.#relist(options)
      return this.#rpc.request(method, sent, options)
    }
  }

  notify (method: string, params?: JsonObject): Promise<void> {
    return this.#rpc.notify(method, params)
  }

  close (): Promise<void> {
    return this.transport.close()
  }

  async #relist (options: RpcOptions | undefined): Promise<void> {
    let cursor: unknown
    for (let page = 0; page < MAX_PAGES; page++) {
      const result = await this.#rpc.request('tools/list', this.#enveloped(cursor === undefined ? {} : { cursor }), options)
      cursor = result.nextCursor
      if (typeof cursor !== 'string') return
    }
  }

  #enveloped (params: JsonObject = {}): JsonObject {
    const meta = isObject(params._meta) ? params._meta : {}
    return { ...params, _meta: { ...envelope(this.#identity, this.revision), ...meta } }
  }
}
