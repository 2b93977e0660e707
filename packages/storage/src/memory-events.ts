import { SessionLog } from './session-log.ts'
import type { MemoryBudget } from './memory-budget.ts'
import type { EventBounds, EventPage, EventStore, StreamOwner } from './contract.ts'

/** Stream events in memory, one bounded log per session. Age is measured on a monotonic clock. */
export class MemoryEvents implements EventStore {
  readonly #logs = new Map<string, SessionLog>()
  readonly #bounds: EventBounds
  readonly #budget: MemoryBudget
  readonly #ownerOf: (session: string) => string | undefined

  /** @param ownerOf Who pays for the events of a session; `undefined` where the session is not held. */
  constructor (bounds: EventBounds, budget: MemoryBudget, ownerOf: (session: string) => string | undefined) {
    this.#bounds = bounds
    this.#budget = budget
    this.#ownerOf = ownerOf
  }

  open (session: string, stream: string, owner: StreamOwner): void {
    let log = this.#logs.get(session)
    if (log === undefined) {
      log = new SessionLog(this.#bounds)
      this.#logs.set(session, log)
    }
    log.open(stream, owner, performance.now())
    this.#settle(session, log)
  }

  append (session: string, stream: string, messages: readonly string[], ended: boolean, after?: number): number {
    const log = this.#logs.get(session)
    if (log === undefined) return 0
    const position = log.append(stream, messages, ended, performance.now(), after)
    this.#settle(session, log)
    return position
  }

  read (session: string, stream: string, after: number, limit: number): EventPage | null {
    return this.#logs.get(session)?.read(stream, after, limit, performance.now()) ?? null
  }

  deleteSession (session: string): void {
    const log = this.#logs.get(session)
    if (log !== undefined) this.#remove(session, log)
  }

  /** The session was stored: from now on its owner pays for what it has. */
  adopt (session: string): void {
    const log = this.#logs.get(session)
    if (log !== undefined) this.#settle(session, log)
  }

  /** Removes aged events and the logs nobody can ask for any more, so that their memory returns. */
  sweep (): void {
    const now = performance.now()
    for (const [session, log] of this.#logs) {
      log.trim(now)
      // A stream may have been opened while its session was being deleted: nothing else would ever remove that log.
      if (log.isEmpty || (log.isIdle(now) && this.#ownerOf(session) === undefined)) this.#remove(session, log)
      else this.#budget.update(log)
    }
  }

  clear (): void {
    this.#logs.clear()
  }

  #settle (session: string, log: SessionLog): void {
    this.#budget.settle(log, this.#ownerOf(session) ?? '')
  }

  #remove (session: string, log: SessionLog): void {
    this.#logs.delete(session)
    this.#budget.release(log)
  }
}
