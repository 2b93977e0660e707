/**
 * Cancellations on their way to whichever node runs the request. The bus may lose them, so they are kept in the store too; a node that may
 * have missed some looks there.
 */
import { isObject, isRequestId, type RequestId } from '@mcp/protocol'
import type { Storage } from '@mcp/storage'
import type { LiveSession } from './live-session.ts'

/** A stream of the session; no event id names it, so no client reads it. */
const STREAM = 'cancelled'
const PAGE = 256
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
    await Promise.all([events.open(session.id, STREAM, { node: null, requestIds: [] }), events.append(session.id, STREAM, [text], false)])
  }

  /** Cancels what runs here of the session and was cancelled elsewhere; not what began later under the same id. */
  async collect (session: LiveSession): Promise<void> {
    let after = 0
    while (session.runs) {
      const page = await this.#storage.events.read(session.id, STREAM, after, PAGE)
      for (const { position, message } of page?.events ?? []) {
        const said: unknown = JSON.parse(message)
        if (isObject(said) && isRequestId(said.requestId)) {
          session.cancel(said.requestId, String(said.reason ?? 'cancelled by the client'), Number(said.at) + SKEW_MS)
        }
        after = position
      }
      if (page === null || page.events.length < PAGE) return
    }
  }
}
