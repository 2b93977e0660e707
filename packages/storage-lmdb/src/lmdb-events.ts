import { decodeChunk, encodeChunks, timeOfChunk } from './event-chunk.ts'
import { chunkKey, nameOf, streamKey } from './keys.ts'
import { decodeStream, encodeOwner } from './log-entries.ts'
import type { EventBounds, EventPage, EventStore, StoredEvent, StreamOwner } from '@mcp/storage'
import type { Database } from './database.ts'
import type { EventLogs } from './event-logs.ts'
import type { Name } from './keys.ts'

const SWEEP_STEP = 200

/** Stream events in the file. `read` answers at once. */
export class LmdbEvents implements EventStore {
  readonly #db: Database
  readonly #logs: EventLogs
  readonly #maxAgeMs: number
  readonly #isSessionHeld: (session: Name) => boolean

  constructor (db: Database, logs: EventLogs, bounds: EventBounds, isSessionHeld: (session: Name) => boolean) {
    this.#db = db
    this.#logs = logs
    this.#maxAgeMs = bounds.maxAgeMs
    this.#isSessionHeld = isSessionHeld
  }

  open (session: string, stream: string, owner: StreamOwner): Promise<void> {
    const [log, name, json] = [nameOf(session), nameOf(stream), encodeOwner(owner)]
    return this.#db.write(() => this.#logs.open(log, name, json, Date.now()))
  }

  append (session: string, stream: string, messages: readonly string[], ended: boolean, after?: number): Promise<number> {
    const [log, name, chunks] = [nameOf(session), nameOf(stream), encodeChunks(messages)]
    return this.#db.write(() => this.#logs.append(log, name, chunks, ended, Date.now(), after))
  }

  read (session: string, stream: string, after: number, limit: number): EventPage | null {
    const [log, name] = [nameOf(session), nameOf(stream)]
    this.#db.refresh()
    const entry = this.#db.get(streamKey(log, name))
    if (entry === undefined || !Number.isSafeInteger(after)) return null
    const { end, trimmed, at, ended, owner } = decodeStream(entry)
    if (after < trimmed || after > end || (ended && this.#hasAged(at))) return null
    const until = Math.min(after + limit, end)
    const events = this.#eventsOf(log, name, after, until)
    return events && { events, ended: ended && until === end, owner: JSON.parse(owner) }
  }

  deleteSession (session: string): Promise<void> {
    const log = nameOf(session)
    return this.#db.write(() => this.#logs.remove(log))
  }

  /** Removes aged events and the logs nobody can ask for any more, so that their place in the file can be used again. */
  async sweep (): Promise<void> {
    while (!this.#db.closed && await this.#db.write(() => this.#logs.sweep(this.#isSessionHeld, Date.now(), SWEEP_STEP)));
  }

  #eventsOf (log: Name, name: Name, after: number, until: number): StoredEvent[] | null {
    const events: StoredEvent[] = []
    if (after >= until) return events
    const range = { start: chunkKey(log, name, after + 1), end: chunkKey(log, name, Infinity) }
    for (const { key, value } of this.#db.entries(range)) {
      if (events.length === 0 && this.#hasAged(timeOfChunk(value))) return null
      decodeChunk(value, key.readUIntBE(key.length - 6, 6), after + 1, until, events)
      if (events.at(-1)?.position === until) break
    }
    return events
  }

  #hasAged (at: number): boolean {
    return at + this.#maxAgeMs <= Date.now()
  }
}
