/**
 * Cancellations on their way to whichever node runs the request. The bus may lose them, so they are kept in the store too; a node that may
 * have missed some looks there.
 */
import { isObject, type RequestId } from '@mcp/protocol'
import type { Storage } from '@mcp/storage'
import type { LiveSession } from './live-session.ts'

/** How much the clocks of two nodes may differ. */
const SKEW_MS = 2_000

export class Cancellations {
  readonly #storage: Storage

  constructor (storage: Storage) {
    this.#storage = storage
  }

  /** Before the bus is told: whoever does not hear that must find it. */
  async keep (session: LiveSession, requestId: RequestId, reason: string | undefined): Promise<void> {
    const { bus, events } = this.#storage
    // A bus that loses nothing need not be doubted.
    if (bus.onGap === undefined) return
    const text = JSON.stringify({ requestId, reason, at: Date.now() })
    const stream = streamOf(requestId)
    await Promise.all([events.open(session.id, stream, { node: null, requestIds: [] }), events.append(session.id, stream, [text], true)])
  }

  /** Cancels what runs here of the session and was cancelled elsewhere; not what began later under the same id. */
  async collect (session: LiveSession): Promise<void> {
    for (const requestId of session.runningIds) {
      const page = await this.#storage.events.read(session.id, streamOf(requestId), 0, 1)
      const said: unknown = JSON.parse(page?.events[0]?.message ?? 'null')
      if (isObject(said)) session.cancel(requestId, String(said.reason ?? 'cancelled by the client'), Number(said.at) + SKEW_MS)
    }
  }
}

/** A stream of its own for each, so that none is lost with older ones; no event id can name it, so no client reads it. */
function streamOf (requestId: RequestId): string {
  return `cancelled:${JSON.stringify(requestId)}`
}
