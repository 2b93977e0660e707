import { AsyncLocalStorage } from 'node:async_hooks'
import { FlightsById, type Flight, type Receiver } from './flights.ts'
import type { RequestId } from '@mcp/protocol'

/**
 * The request the running code works for. Using it once costs every promise of the process a little from then on: on
 * Node 20 about a seventh of the calls per second.
 */
const current = new AsyncLocalStorage<Flight | null>()

/**
 * For servers that may ask their client something: `server.elicitInput()` and its like do not say which request they
 * belong to, yet what they send has to go on that request's stream (C-11).
 */
export class FlightsInContext extends FlightsById {
  override own (): Flight | undefined {
    const flight = current.getStore()
    return flight?.flights === this ? flight : undefined
  }

  override find (innerId: RequestId): Flight | undefined {
    const own = this.own()
    return own?.innerId === innerId ? own : super.find(innerId)
  }

  override enter (flight: Flight | null, receiver: Receiver, message: unknown, extra: unknown): void {
    current.run(flight, receive, receiver, message, extra)
  }
}

function receive (receiver: Receiver, message: unknown, extra: unknown): void {
  receiver.onmessage?.(message, extra)
}
