/** A TCP proxy that breaks connections when a test says so. */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import type { Test } from 'tap'
import { reset } from './reset.ts'

export class Proxy {
  readonly port: number
  /** Connections broken so far. */
  cuts = 0
  /** How many bytes of the server's go through a connection before it breaks; `undefined`: all. */
  allowance: () => number | undefined = () => undefined
  readonly #sockets: Set<Socket>

  private constructor (port: number, sockets: Set<Socket>) {
    this.port = port
    this.#sockets = sockets
  }

  static async start (t: Test, target: number): Promise<Proxy> {
    const sockets = new Set<Socket>()
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const proxy = new Proxy(typeof address === 'object' && address !== null ? address.port : 0, sockets)
    server.on('connection', client => proxy.#carry(client, target))
    t.teardown(() => {
      server.close()
      proxy.cutAll()
    })
    return proxy
  }

  cutAll (): void {
    for (const socket of [...this.#sockets]) reset(socket)
  }

  #carry (client: Socket, target: number): void {
    const server = connect(target, '127.0.0.1')
    for (const [one, other] of [[client, server], [server, client]] as const) {
      this.#sockets.add(one)
      one.setNoDelay()
      one.on('error', () => {})
      one.on('close', () => {
        this.#sockets.delete(one)
        other.destroy()
      })
      one.on('end', () => other.end())
    }
    client.on('data', chunk => server.write(chunk))
    let left: number | undefined
    server.on('data', chunk => {
      left ??= this.allowance()
      if (left === undefined || chunk.length <= left) {
        if (left !== undefined) left -= chunk.length
        client.write(chunk)
        return
      }
      this.cuts++
      // What was allowed arrives; then the connection is gone.
      client.write(chunk.subarray(0, left), () => { client.destroy() })
      server.destroy()
    })
  }
}

/** Numbers that look random and can be had again (mulberry32). */
export function seeded (seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6D2B79F5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
