import { serveStdio } from '@modelcontextprotocol/server/stdio'
import type { McpServer, Server } from '@modelcontextprotocol/server'
import { MetaKey, type JsonRpcRequest, type Revision } from '@mcp/protocol'
import { notBound } from './errors.ts'
import type { ServerTransport } from './server-transport.ts'

export type Product = McpServer | Server

/** The server proper of what a factory returned. */
export function serverOf (product: Product): Server {
  return 'server' in product ? product.server : product
}

/**
 * Connects a server to `transport` as a server of the modern era.
 *
 * Only the SDK's own entry points can bind any server to the modern era, and `serveStdio` is the one that takes a transport
 * from outside. It decides by the first message, then calls the server's `connect` with a channel to that transport,
 * which drops what we have to pass with a message. So it is shown a transport on which nothing ever happens but one
 * modern request, and when it calls `connect`, the server is bound and gets connected to `transport` instead. It is left
 * waiting for that call to return: nothing refers to it any more, so it is garbage, and the request goes nowhere.
 */
export function bindModern (create: () => Promise<Product>, revision: Revision, transport: ServerTransport): Promise<Product> {
  return new Promise((resolve, reject) => {
    const wire = new OpeningWire(reject)
    serveStdio(async () => {
      const product = await create()
      const server = serverOf(product)
      onConnect(server, () => {
        transport.watch(server)
        product.connect(transport).then(() => resolve(product), reject)
      })
      return server
    }, { transport: wire, onerror: reject })
    wire.open(revision)
  })
}

/** Replaces the next call of a server's `connect`, which never returns. */
function onConnect (server: Server, connect: () => void): void {
  const own = Object.getOwnPropertyDescriptor(server, 'connect')
  server.connect = () => {
    Reflect.deleteProperty(server, 'connect')
    if (own !== undefined) Object.defineProperty(server, 'connect', own)
    connect()
    return new Promise(() => {})
  }
}

/** A transport that receives one request, which says nothing but the revision. */
class OpeningWire {
  onmessage?: (message: unknown) => void
  readonly #failed: (error: Error) => void

  constructor (failed: (error: Error) => void) {
    this.#failed = failed
  }

  async start (): Promise<void> {}
  async close (): Promise<void> {}

  /** Whatever the SDK answers, it did not connect the server. It reports why, or does not; the former comes first. */
  async send (): Promise<void> {
    setImmediate(() => this.#failed(notBound()))
  }

  open (revision: Revision): void {
    if (this.onmessage === undefined) this.#failed(notBound())
    else this.onmessage(openingRequest(revision))
  }
}

let opening: { revision: Revision, request: JsonRpcRequest } | undefined

function openingRequest (revision: Revision): JsonRpcRequest {
  if (opening?.revision !== revision) {
    const _meta = { [MetaKey.ProtocolVersion]: revision, [MetaKey.ClientCapabilities]: {} }
    opening = { revision, request: { jsonrpc: '2.0', id: 0, method: 'server/discover', params: { _meta } } }
  }
  return opening.request
}
