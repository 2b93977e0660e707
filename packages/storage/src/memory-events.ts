import { SessionLog } from './session-log.ts'
import type { EventBounds, EventPage, EventStore, StreamOwner } from './contract.ts'

/** Stream events in memory, one bounded log per session. Age is measured on a monotonic clock. */
export class MemoryEvents implements EventStore {
  readonly #logs = new Map<string, SessionLog>()
  readonly #bounds: EventBounds
  readonly #isSessionHeld: (session: string) => boolean

  constructor (bounds: EventBounds, isSessionHeld: (session: string) => boolean = () => true) {
    this.#bounds = bounds
    this.#isSessionHeld = isSessionHeld
  }

  open (session: string, stream: string, owner: StreamOwner): void {
    let log = this.#logs.get(session)
    if (log === undefined) {
      log = new SessionLog(this.#bounds)
      this.#logs.set(session, log)
    }
    log.open(stream, owner, performance.now())
  }

  append (session: string, stream: string, messages: readonly string[], ended: boolean, after?: number): number {
    return this.#logs.get(session)?.append(stream, messages, ended, performance.now(), after) ?? 0
  }

  read (session: string, stream: string, after: number, limit: number): EventPage | null {
    return this.#logs.get(session)?.read(stream, after, limit, performance.now()) ?? null
  }

  deleteSession (session: string): void {
    this.#logs.delete(session)
  }

  /** Removes aged events and the logs nobody can ask for any more, so that their memory returns. */
  sweep (): void {
    const now = performance.now()
    for (const [session, log] of this.#logs) {
      log.trim(now)
      // A stream may have been opened while its session was being deleted: nothing else would ever remove that log.
      if (log.isEmpty || (log.isIdle(now) && !this.#isSessionHeld(session))) this.#logs.delete(session)
    }
  }

  clear (): void {
    this.#logs.clear()
  }
}
