import { isUnusable, type Flight, type Flights, type Receiver } from './flights.ts'
import { ownId } from './ids.ts'
import type { Exchange, JsonRpcRequest, RequestId } from '@mcp/protocol'

const NONE: readonly Flight[] = []

/** For servers that get one request in their life: whatever they do, they do for that. */
export class SingleFlight implements Flights {
  #flight: Flight | undefined

  get size (): number {
    return this.#flight === undefined || this.#flight.over ? 0 : 1
  }

  start (exchange: Exchange, request: JsonRpcRequest): Flight {
    const innerId = isUnusable(request.id) ? ownId() : request.id
    return (this.#flight = { flights: this, exchange, request, innerId, handed: false, over: false })
  }

  answered (flight: Flight): void {
    flight.over = true
  }

  cancelled (flight: Flight): void {
    flight.over = true
  }

  find (innerId: RequestId): Flight | undefined {
    return this.#flight?.innerId === innerId ? this.#flight : undefined
  }

  own (): Flight | undefined {
    return this.#flight
  }

  enter (_flight: Flight | null, receiver: Receiver, message: unknown, extra: unknown): void {
    receiver.onmessage?.(message, extra)
  }

  clear (): readonly Flight[] {
    const flight = this.#flight
    if (flight === undefined || flight.over) return NONE
    flight.over = true
    return [flight]
  }
}
