/** How many requests are under way, of each caller and of all. */
import type { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ConcurrencySettings } from './settings.ts'

type Leave = () => void

export class InFlight {
  readonly #settings: ConcurrencySettings
  readonly #callers = new Map<string, number>()
  /** Requests whose reply waits behind another of the same connection. */
  readonly #queued = new WeakMap<Socket, Set<Leave>>()
  #total = 0

  constructor (settings: ConcurrencySettings) {
    this.#settings = settings
  }

  /** Callers with something under way; others cost nothing. */
  get callers (): number {
    return this.#callers.size
  }

  get total (): number {
    return this.#total
  }

  /** Why one more would be too many, or `null`: it counts until the reply is over, in whatever way. */
  enter (caller: string, request: FastifyRequest, reply: FastifyReply): 'caller' | 'total' | null {
    const { perCaller, total } = this.#settings
    const count = this.#callers.get(caller) ?? 0
    if (count >= perCaller) return 'caller'
    if (this.#total >= total) return 'total'
    this.#callers.set(caller, count + 1)
    this.#total++
    const leave = (): void => this.#leave(caller)
    // A reply that has no socket yet is not told when the connection breaks.
    if (reply.raw.socket === null) this.#whenQueued(request.raw.socket, reply, leave)
    else reply.raw.once('close', leave)
    return null
  }

  #leave (caller: string): void {
    this.#total--
    const count = this.#callers.get(caller) ?? 0
    if (count > 1) this.#callers.set(caller, count - 1)
    else this.#callers.delete(caller)
  }

  /** One listener for each connection, however many requests it pipelines. */
  #whenQueued (socket: Socket, reply: FastifyReply, leave: Leave): void {
    let queued = this.#queued.get(socket)
    if (queued === undefined) {
      const all = queued = new Set<Leave>()
      this.#queued.set(socket, all)
      socket.once('close', () => { for (const each of all) each() })
    }
    const once: Leave = () => {
      if (queued.delete(once)) leave()
    }
    queued.add(once)
    reply.raw.once('close', once)
  }
}
