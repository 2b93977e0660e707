import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'

interface Waiting {
  readonly socket: Socket
  readonly alone: boolean
}

/**
 * Lets in so many at a time. The suites start every scenario at once: on a small machine, fifty programs that all begin would make those
 * that measure time measure each other.
 */
export class Turnstile {
  readonly port: number
  readonly #server: Server
  readonly #places: number
  readonly #inside = new Set<Waiting>()
  #waiting: Waiting[] = []

  private constructor (server: Server, port: number, places: number) {
    this.#server = server
    this.port = port
    this.#places = places
  }

  /** @param alone Names of those who want nobody beside them. */
  static async start (places: number, alone: ReadonlySet<string>): Promise<Turnstile> {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const turnstile = new Turnstile(server, typeof address === 'object' && address !== null ? address.port : 0, places)
    server.on('connection', socket => {
      socket.setEncoding('utf8').once('data', (name: string) => turnstile.#come({ socket, alone: alone.has(name.trim()) }))
      socket.on('error', () => {})
    })
    return turnstile
  }

  async close (): Promise<void> {
    for (const { socket } of [...this.#inside, ...this.#waiting]) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #come (one: Waiting): void {
    this.#waiting.push(one)
    one.socket.on('close', () => {
      this.#inside.delete(one)
      this.#waiting = this.#waiting.filter(other => other !== one)
      this.#admit()
    })
    this.#admit()
  }

  /** In the order they came. */
  #admit (): void {
    for (;;) {
      const [next] = this.#waiting
      const full = this.#inside.size >= (next?.alone === true ? 1 : this.#places) || [...this.#inside].some(({ alone }) => alone)
      if (next === undefined || full) return
      this.#waiting.shift()
      this.#inside.add(next)
      next.socket.write('.')
    }
  }
}
