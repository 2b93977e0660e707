import { AsyncLocalStorage } from 'node:async_hooks'
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
  /** Answered or cancelled. */
  over: boolean
  readonly onAbort: () => void
}

/**
 * The request the running code works for. `server.elicitInput()` and its like do not say which request they belong to,
 * yet what they send has to go on that request's stream (C-11); and a handler that goes on after its end must not be
 * taken for a later one with the same id. Knowing it costs about a seventh of the calls per second on Node 20.
 */
export const currentFlight = new AsyncLocalStorage<Flight | null>()

/** The requests a server is working on, by the id it knows them by. */
export class Flights {
  readonly #byId = new Map<RequestId, Flight>()
  readonly #everyId: (() => RequestId) | undefined

  /** @param everyId gives each request an id of our own; without it only those whose id is taken get one. */
  constructor (everyId?: () => RequestId) {
    this.#everyId = everyId
  }

  get size (): number {
    return this.#byId.size
  }

  start (exchange: Exchange, request: JsonRpcRequest, onAbort: (flight: Flight) => void): Flight {
    const innerId = this.#idFor(request.id)
    const abort = (): void => { if (!flight.over) onAbort(flight) }
    const flight: Flight = { flights: this, exchange, request, innerId, over: false, onAbort: abort }
    this.#byId.set(innerId, flight)
    exchange.signal.addEventListener('abort', abort)
    return flight
  }

  answered (flight: Flight): void {
    land(flight)
    this.#byId.delete(flight.innerId)
  }

  cancelled (flight: Flight): void {
    land(flight)
    // The id stays taken until the SDK has looked it up, or it would cancel the next request that has it.
    setImmediate(() => this.#byId.delete(flight.innerId))
  }

  /** The flight the running code belongs to, if it is one of these. */
  own (): Flight | undefined {
    const flight = currentFlight.getStore()
    return flight?.flights === this ? flight : undefined
  }

  find (innerId: RequestId): Flight | undefined {
    const own = this.own()
    return own?.innerId === innerId ? own : this.#byId.get(innerId)
  }

  /** Ends all; those nobody cancelled are returned. */
  clear (): Flight[] {
    const open = [...this.#byId.values()].filter(flight => !flight.over)
    for (const flight of open) land(flight)
    this.#byId.clear()
    return open.filter(flight => !flight.exchange.signal.aborted)
  }

  /** Ids that JavaScript takes for false cannot be cancelled in the SDK 1.x. */
  #idFor (id: RequestId): RequestId {
    if (this.#everyId !== undefined) return this.#everyId()
    return id === 0 || id === '' || this.#byId.has(id) ? ownId() : id
  }
}

function land (flight: Flight): void {
  flight.over = true
  flight.exchange.signal.removeEventListener('abort', flight.onAbort)
}
