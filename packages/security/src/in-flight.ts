/** How many requests are under way, of each caller and of all: POSTs until their messages run, then every call until it has ended. */
import type { CallWatch, ObservedCall, Observer } from '@mcp/protocol'
import type { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { CallerKeys } from './caller.ts'
import { RunningCall } from './running-call.ts'
import type { ConcurrencySettings } from './settings.ts'

type Leave = () => void

export class InFlight implements Observer {
  readonly #settings: ConcurrencySettings
  readonly #keys: CallerKeys
  readonly #callers = new Map<string, number>()
  /** Requests whose reply waits behind another of the same connection. */
  readonly #queued = new WeakMap<Socket, Set<Leave>>()
  #total = 0

  constructor (settings: ConcurrencySettings, keys: CallerKeys) {
    this.#settings = settings
    this.#keys = keys
  }

  /** Callers with something under way; others cost nothing. */
  get callers (): number {
    return this.#callers.size
  }

  get total (): number {
    return this.#total
  }

  /** Why so many more would be too many, or `null`. */
  roomFor (caller: string, more: number): 'caller' | 'total' | null {
    const { perCaller, total } = this.#settings
    if ((this.#callers.get(caller) ?? 0) + more > perCaller) return 'caller'
    return this.#total + more > total ? 'total' : null
  }

  /** A call counts until it has ended and the application works for it no more, whatever becomes of its connection. */
  began ({ principal, request: { source } }: ObservedCall): CallWatch {
    const address: unknown = source === undefined ? undefined : Reflect.get(source, 'ip')
    const caller = this.#keys.of(principal, typeof address === 'string' ? address : undefined)
    this.#enter(caller)
    const place: unknown = source === undefined ? undefined : Reflect.get(source, 'mcpPlace')
    if (typeof place === 'function') place()
    return new RunningCall(() => this.#leave(caller))
  }

  /** Why one more would be too many, or `null`: a POST counts until its messages run or its reply is over, in whatever way. */
  enter (caller: string, request: FastifyRequest, reply: FastifyReply): 'caller' | 'total' | null {
    const full = this.roomFor(caller, 1)
    if (full !== null) return full
    this.#enter(caller)
    let left = false
    const leave = (): void => {
      if (left) return
      left = true
      this.#leave(caller)
    }
    request.mcpPlace = leave
    // A reply that has no socket yet is not told when the connection breaks.
    if (reply.raw.socket === null) this.#whenQueued(request.raw.socket, reply, leave)
    else reply.raw.once('close', leave)
    return null
  }

  #enter (caller: string): void {
    this.#callers.set(caller, (this.#callers.get(caller) ?? 0) + 1)
    this.#total++
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
