/** A wire that can be cut: one TCP port that leads to another one. */
import { connect, createServer, type Server, type Socket } from 'node:net'
import { isObject } from '@mcp/protocol'
import { reset } from '../../../lib/reset.ts'

/**
 * `silent`: nothing comes through and nobody is told, as when a network splits. What was sent meanwhile arrives when it heals, also
 * from those who no longer wait. `reset`: every connection breaks, and so does each new one.
 */
export type Cut = 'silent' | 'reset'

export class TcpProxy {
  readonly port: number
  readonly #server: Server
  readonly #pairs = new Set<Pair>()
  #cut: Cut | null = null

  private constructor (server: Server, port: number, targetPort: number) {
    this.#server = server
    this.port = port
    server.on('connection', near => {
      if (this.#cut === 'reset') {
        reset(near)
        return
      }
      const pair = new Pair(near, connect(targetPort, '127.0.0.1'), this.#cut === 'silent', () => this.#pairs.delete(pair))
      this.#pairs.add(pair)
    })
  }

  static async to (targetPort: number): Promise<TcpProxy> {
    const server = createServer({ allowHalfOpen: true })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    return new TcpProxy(server, isObject(address) ? Number(address.port) : 0, targetPort)
  }

  cut (how: Cut): void {
    this.#cut = how
    for (const pair of [...this.#pairs]) {
      if (how === 'silent') pair.hold()
      else pair.reset()
    }
  }

  heal (): void {
    this.#cut = null
    for (const pair of [...this.#pairs]) pair.letGo()
  }

  async close (): Promise<void> {
    for (const pair of [...this.#pairs]) pair.reset()
    await new Promise(resolve => this.#server.close(resolve))
  }
}

/** A connection and the one that goes on from here. */
class Pair {
  readonly #near: Socket
  readonly #far: Socket
  #held: Array<() => void> | null

  constructor (near: Socket, far: Socket, held: boolean, forget: () => void) {
    this.#near = near
    this.#far = far
    this.#held = held ? [] : null
    let open = 2
    for (const [from, to] of [[near, far], [far, near]] as const) {
      from.setNoDelay(true)
      from.on('data', chunk => this.#pass(() => to.write(chunk)))
      from.on('end', () => this.#pass(() => to.end()))
      // What came before the reset has been passed on, or is held.
      from.on('error', () => this.#pass(() => to.destroy()))
      from.on('close', () => {
        this.#pass(() => to.end())
        if (--open === 0) forget()
      })
    }
  }

  hold (): void {
    this.#held ??= []
  }

  letGo (): void {
    const held = this.#held
    this.#held = null
    for (const pass of held ?? []) pass()
  }

  reset (): void {
    this.#held = null
    reset(this.#near)
    reset(this.#far)
  }

  #pass (pass: () => void): void {
    if (this.#held === null) pass()
    else this.#held.push(pass)
  }
}
