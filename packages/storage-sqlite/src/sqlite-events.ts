import { addEvents, joinMessages } from './chunk.ts'
import type { EventBounds, EventPage, EventStore, StoredEvent, StreamOwner } from '@mcp/storage'
import type { StoredChunk } from './chunk.ts'
import type { Database, Query } from './database.ts'
import type { EventLogs } from './event-logs.ts'

interface StreamRow {
  readonly id: number
  readonly last: number
  readonly trimmed: number
  readonly ended: number
  readonly written_at: number
  readonly owner: string
}

/** How many logs one transaction trims: other processes wait for it. */
const SWEEP_STEP = 200

/** Chunks read at a time: most pages need one or two. */
const CHUNKS_AT_ONCE = 8

/** Stream events in the file. `read` returns a plain value. */
export class SqliteEvents implements EventStore {
  readonly #db: Database
  readonly #logs: EventLogs
  readonly #maxAgeMs: number
  readonly #ownerOf: (session: string) => string | undefined
  readonly #stream: Query<StreamRow>
  readonly #chunks: Query<StoredChunk & { readonly written_at: number }>

  /** @param ownerOf Who pays for the events of a session; `undefined` where it is not stored. */
  constructor (db: Database, logs: EventLogs, bounds: EventBounds, ownerOf: (session: string) => string | undefined) {
    this.#db = db
    this.#logs = logs
    this.#maxAgeMs = bounds.maxAgeMs
    this.#ownerOf = ownerOf
    this.#stream = db.prepare('SELECT s.* FROM logs l JOIN streams s ON s.log = l.id AND s.name = ? WHERE l.session = ?')
    this.#chunks = db.prepare(`SELECT last, count, messages, written_at FROM chunks WHERE stream = ? AND last > ? AND count > 0 ORDER BY last LIMIT ${CHUNKS_AT_ONCE}`)
  }

  open (session: string, stream: string, owner: StreamOwner): Promise<void> {
    const { node, requestIds } = owner
    const json = JSON.stringify({ node, requestIds })
    return this.#db.write(() => this.#logs.open(session, stream, json, this.#ownerOf(session), Date.now()))
  }

  append (session: string, stream: string, messages: readonly string[], ended: boolean, after?: number): Promise<number> {
    const chunks = joinMessages(messages)
    return this.#db.write(() => this.#logs.append(session, stream, chunks, ended, Date.now(), after))
  }

  read (session: string, stream: string, after: number, limit: number): EventPage | null {
    this.#db.version()
    const found = this.#stream.get(stream, session)
    if (found === undefined || !Number.isSafeInteger(after)) return null
    const { last, trimmed, ended } = found
    if (after < trimmed || after > last || (ended === 1 && this.#hasAged(found.written_at))) return null
    const until = Math.min(after + limit, last)
    const events = this.#eventsOf(found.id, after, until)
    return events && { events, ended: ended === 1 && until === last, owner: JSON.parse(found.owner) }
  }

  deleteSession (session: string): Promise<void> {
    return this.#db.write(() => this.#logs.remove(session), true)
  }

  /** Removes aged events, and logs that no client can ask for. */
  async sweep (): Promise<void> {
    while (!this.#db.closed && await this.#db.write(() => this.#logs.sweep(Date.now(), SWEEP_STEP), true));
  }

  /** `null`: the first one has aged, or another process has removed events meanwhile. */
  #eventsOf (stream: number, after: number, until: number): StoredEvent[] | null {
    const events: StoredEvent[] = []
    for (let from = after; from < until;) {
      const chunks = this.#chunks.all(stream, from)
      if (chunks.length === 0) return null
      for (const chunk of chunks) {
        if (events.length === 0 && this.#hasAged(chunk.written_at)) return null
        addEvents(chunk, after, until, events)
        from = chunk.last
        if (from >= until) break
      }
    }
    return events[0] === undefined || events[0].position === after + 1 ? events : null
  }

  #hasAged (at: number): boolean {
    return at + this.#maxAgeMs <= Date.now()
  }
}
