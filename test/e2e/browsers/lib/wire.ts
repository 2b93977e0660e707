/** What is between a page and a server: a TCP proxy that reads along, and breaks connections when a test says so. */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import type { Test } from 'tap'
import { reset } from '../../../lib/reset.ts'
import { requestsIn, type Request } from './requests.ts'

export interface Carried {
  sent: string
  received: string
  closed: boolean
}

export class Wire {
  readonly port: number
  /** Connections broken so far. */
  cuts = 0
  /** Bytes of the server's that come through a connection; then it stands still until `break()`. `undefined`: all come through. */
  portion: number | undefined
  /** Nothing of the server's comes through any more: connections break where it would. */
  deaf = false
  readonly #target: () => number
  readonly #carried: Carried[] = []
  readonly #open = new Set<Socket>()
  readonly #standing = new Set<Socket>()
  #wake: () => void = () => {}
  #change: Promise<void> = Promise.resolve()

  private constructor (port: number, target: () => number) {
    this.port = port
    this.#target = target
    this.#changed()
  }

  /** @param target The server's port, asked for each connection. */
  static async start (t: Test, target: () => number): Promise<Wire> {
    const server = createServer({ noDelay: true })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const wire = new Wire(typeof address === 'object' && address !== null ? address.port : 0, target)
    server.on('connection', client => wire.#carry(client))
    t.teardown(() => {
      server.close()
      wire.breakAll()
    })
    return wire
  }

  /** Everything asked so far; that of one connection in order. */
  get requests (): Request[] {
    return this.#carried.flatMap(requestsIn)
  }

  /** What was asked and answered, for people. */
  get story (): string {
    return this.requests.map(({ method, path, status, body, closed }) => {
      return `${method} ${path} ${body.slice(0, 80)} -> ${status ?? 'no answer'}${closed ? ', closed' : ''}`
    }).join('\n')
  }

  /** Waits until what was seen makes it true. */
  async until (condition: (requests: readonly Request[]) => boolean): Promise<void> {
    while (!condition(this.requests)) await this.#change
  }

  /** Waits for a connection that stands still, and breaks it. */
  async break (): Promise<void> {
    while (this.#standing.size === 0) {
      if (this.portion === undefined) return
      await this.#change
    }
    for (const socket of this.#standing) this.#cut(socket)
  }

  breakAll (): void {
    for (const socket of this.#open) this.#cut(socket)
  }

  /** From now on all comes through. Whoever waits to break something need not any more. */
  heal (): void {
    this.portion = undefined
    this.deaf = false
    for (const socket of this.#standing) this.#cut(socket)
    this.#changed()
  }

  #carry (client: Socket): void {
    const server = connect({ port: this.#target(), host: '127.0.0.1', noDelay: true })
    const carried: Carried = { sent: '', received: '', closed: false }
    this.#carried.push(carried)
    this.#open.add(client)
    client.on('data', chunk => {
      carried.sent += chunk.toString('latin1')
      server.write(chunk)
      this.#changed()
    })
    let left: number | undefined
    server.on('data', chunk => {
      if (this.deaf) return this.#cut(client)
      left ??= this.portion
      const passing = chunk.subarray(0, left)
      if (left !== undefined) left -= passing.length
      carried.received += passing.toString('latin1')
      if (passing.length > 0) client.write(passing)
      if (left === 0 && passing.length < chunk.length) this.#standing.add(client)
      this.#changed()
    })
    for (const [one, other] of [[client, server], [server, client]] as const) {
      one.on('error', () => {})
      one.on('end', () => other.end())
      one.on('close', () => {
        other.destroy()
        carried.closed = true
        this.#open.delete(client)
        this.#standing.delete(client)
        this.#changed()
      })
    }
  }

  #cut (client: Socket): void {
    this.#open.delete(client)
    this.#standing.delete(client)
    this.cuts++
    reset(client)
  }

  #changed (): void {
    this.#wake()
    this.#change = new Promise(resolve => { this.#wake = resolve })
  }
}
