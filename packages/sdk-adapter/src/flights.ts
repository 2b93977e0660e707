import { ownId } from './ids.ts'
import type { Exchange, JsonRpcRequest, RequestId } from '@mcp/protocol'

/** One request a server is working on. */
export interface Flight {
  /** Where it is kept, which tells apart the servers of nested calls. */
  readonly flights: Flights
  readonly exchange: Exchange
  /** As the client sent it. */
  readonly request: JsonRpcRequest
  /** The id the server knows it by. */
  readonly innerId: RequestId
  /** Whether the server knows of it. */
  handed: boolean
  /** Answered or cancelled. */
  over: boolean
}

/** The end of a transport a server listens at. */
export interface Receiver {
  onmessage?: ((message: unknown, extra?: unknown) => void) | undefined
}

/** The requests a server is working on, and how to tell which of them the code works for that sends something. */
export interface Flights {
  /** How many are neither answered nor cancelled. */
  readonly size: number
  start (exchange: Exchange, request: JsonRpcRequest): Flight
  answered (flight: Flight): void
  cancelled (flight: Flight): void
  find (innerId: RequestId): Flight | undefined
  /** The flight the running code works for, as far as that can be told. */
  own (): Flight | undefined
  /** Hands a message over, on behalf of a flight or of none. */
  enter (flight: Flight | null, receiver: Receiver, message: unknown, extra: unknown): void
  /** Ends all; those that were open are returned. */
  clear (): readonly Flight[]
}

const MAX_RETIRED = 1000

/**
 * Flights by the id the server knows them by. Nobody knows what the running code works for, so what does not say where it
 * belongs, belongs to no flight.
 */
export class FlightsById implements Flights {
  readonly #byId = new Map<RequestId, Flight>()
  readonly #everyId: (() => RequestId) | undefined
  /** Ids of cancelled requests, whose handlers may still go on and must not be taken for a later one with the same id. */
  readonly #retired = new Set<RequestId>()
  #size = 0

  /** @param everyId gives each request an id of our own; without it only those whose id is taken get one. */
  constructor (everyId?: () => RequestId) {
    this.#everyId = everyId
  }

  get size (): number {
    return this.#size
  }

  start (exchange: Exchange, request: JsonRpcRequest): Flight {
    const innerId = this.#idFor(request.id)
    const flight: Flight = { flights: this, exchange, request, innerId, handed: false, over: false }
    this.#byId.set(innerId, flight)
    this.#size++
    return flight
  }

  answered (flight: Flight): void {
    this.#land(flight)
    this.#byId.delete(flight.innerId)
  }

  cancelled (flight: Flight): void {
    this.#land(flight)
    const { innerId } = flight
    // The id stays taken until the SDK has looked it up, or it would cancel the next request that has it.
    setImmediate(() => this.#byId.delete(innerId))
    if (this.#everyId !== undefined) return
    this.#retired.add(innerId)
    if (this.#retired.size <= MAX_RETIRED) return
    const [oldest] = this.#retired
    if (oldest !== undefined) this.#retired.delete(oldest)
  }

  find (innerId: RequestId): Flight | undefined {
    return this.#byId.get(innerId)
  }

  own (): Flight | undefined {
    return undefined
  }

  enter (_flight: Flight | null, receiver: Receiver, message: unknown, extra: unknown): void {
    receiver.onmessage?.(message, extra)
  }

  clear (): readonly Flight[] {
    const open = [...this.#byId.values()].filter(flight => !flight.over)
    for (const flight of open) this.#land(flight)
    this.#byId.clear()
    return open
  }

  #idFor (id: RequestId): RequestId {
    if (this.#everyId !== undefined) return this.#everyId()
    return isUnusable(id) || this.#byId.has(id) || this.#retired.has(id) ? ownId() : id
  }

  #land (flight: Flight): void {
    flight.over = true
    this.#size--
  }
}

/** Ids that JavaScript takes for false cannot be cancelled in the SDK 1.x. */
export function isUnusable (id: RequestId): boolean {
  return id === 0 || id === ''
}
