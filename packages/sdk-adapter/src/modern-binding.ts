import { serveStdio } from '@modelcontextprotocol/server/stdio'
import type { McpServer, Server } from '@modelcontextprotocol/server'
import { MetaKey, type Revision } from '@mcp/protocol'
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
 * Only the SDK's own entry points can bind a server to the modern era, and `serveStdio` is the one that takes a transport
 * from outside. It decides by the first message, then calls the server's `connect` with a channel to that transport,
 * which drops what we have to pass with a message. So it is shown a transport on which nothing ever happens but one
 * modern notification, and when it calls `connect`, the server is bound and gets connected to `transport` instead.
 */
export function bindModern (create: () => Promise<Product>, revision: Revision, transport: ServerTransport): Promise<Product> {
  return new Promise((resolve, reject) => {
    const wire = new OpeningWire()
    serveStdio(async () => {
      const product = await create()
      const server = serverOf(product)
      onConnect(server, async () => {
        await product.connect(transport)
        resolve(product)
      })
      return server
    }, { transport: wire, onerror: reject })
    wire.open(revision, () => reject(notBound()))
  })
}

/** Replaces the next call of a server's `connect`. */
function onConnect (server: Server, connect: () => Promise<void>): void {
  const own = Object.getOwnPropertyDescriptor(server, 'connect')
  server.connect = () => {
    Reflect.deleteProperty(server, 'connect')
    if (own !== undefined) Object.defineProperty(server, 'connect', own)
    return connect()
  }
}

/** A transport that receives one notification, which says nothing but the revision, and sends nothing. */
class OpeningWire {
  onmessage?: (message: unknown) => void

  async start (): Promise<void> {}
  async send (): Promise<void> {}
  async close (): Promise<void> {}

  open (revision: Revision, failed: () => void): void {
    if (this.onmessage === undefined) return failed()
    this.onmessage({
      jsonrpc: '2.0',
      method: 'notifications/initialized',
      params: { _meta: { [MetaKey.ProtocolVersion]: revision, [MetaKey.ClientCapabilities]: {} } }
    })
  }
}
