import { isObject, MetaKey, type JsonObject, type Revision } from '@mcp/protocol'
import type { Rpc, RpcOptions } from '../rpc/rpc.ts'
import type { AutoTransport, TransportKind } from './auto-transport.ts'

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
  request (method: string, params?: JsonObject, options?: RpcOptions): Promise<JsonObject> {
    return this.#rpc.request(method, this.kind === 'modern' ? this.#enveloped(params) : params, options)
  }

  notify (method: string, params?: JsonObject): Promise<void> {
    return this.#rpc.notify(method, params)
  }

  close (): Promise<void> {
    return this.transport.close()
  }

  #enveloped (params: JsonObject = {}): JsonObject {
    const meta = isObject(params._meta) ? params._meta : {}
    return { ...params, _meta: { ...envelope(this.#identity, this.revision), ...meta } }
  }
}
