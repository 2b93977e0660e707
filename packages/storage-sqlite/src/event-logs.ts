import { lengthsOf } from './chunk.ts'
import type { EventBounds } from '@mcp/storage'
import type { Accounts } from './accounts.ts'
import type { NewChunk } from './chunk.ts'
import type { Database, Query } from './database.ts'

/** The log of a session. `events` and `bytes` count what is kept. */
interface Log {
  readonly id: number
  readonly session: string
  readonly owner: string
  events: number
  bytes: number
  streams: number
}

interface Stream {
  readonly id: number
  last: number
  trimmed: number
  ended: number
}

interface Chunk {
  readonly id: number
  readonly stream: number
  readonly last: number
  count: number
  bytes: number
  readonly written_at: number
}

/** What an event, and a stream, take beside their text. An estimate. */
const EVENT_BYTES = 64
const STREAM_BYTES = 512

/**
 * One log per session: chunks of messages in order of time, each belonging to a stream. All methods are for use within a transaction.
 */
export class EventLogs {
  readonly #bounds: EventBounds
  readonly #accounts: Accounts
  readonly #log: Query<Log>
  readonly #logById: Query<Log>
  readonly #logsOf: Query<Log>
  readonly #unheld: Query<Log>
  readonly #stream: Query<Stream>
  readonly #streamById: Query<Stream>
  readonly #finished: Query<{ id: number, log: number }>
  readonly #oldest: Query<Chunk>
  readonly #oldestOfAll: Query<{ log: number, written_at: number }>
  readonly #messages: Query<{ messages: string }>
  readonly #sizeOf: Query<{ events: number | null, bytes: number | null }>
  readonly #addLog: Query<never>
  readonly #setLog: Query<never>
  readonly #setHeld: Query<never>
  readonly #addStream: Query<never>
  readonly #setStream: Query<never>
  readonly #addChunk: Query<never>
  readonly #setChunk: Query<never>
  readonly #deleteChunk: Query<never>
  readonly #deleteStream: Query<never>
  readonly #deleteChunksOfStream: Query<never>
  readonly #deletes: ReadonlyArray<Query<never>>

  constructor (db: Database, bounds: EventBounds, accounts: Accounts) {
    this.#bounds = bounds
    this.#accounts = accounts
    this.#log = db.prepare('SELECT * FROM logs WHERE session = ?')
    this.#logById = db.prepare('SELECT * FROM logs WHERE id = ?')
    this.#logsOf = db.prepare('SELECT * FROM logs WHERE owner = ? ORDER BY touched_at')
    this.#unheld = db.prepare('SELECT * FROM logs WHERE held = 0 AND touched_at <= ? LIMIT ?')
    this.#stream = db.prepare('SELECT * FROM streams WHERE log = ? AND name = ?')
    this.#streamById = db.prepare('SELECT * FROM streams WHERE id = ?')
    this.#finished = db.prepare('SELECT s.id, s.log FROM logs l JOIN streams s ON s.log = l.id WHERE l.owner = ? AND s.ended = 1 ORDER BY s.written_at')
    this.#oldest = db.prepare('SELECT id, stream, last, count, bytes, written_at FROM chunks WHERE log = ? ORDER BY id LIMIT 1')
    this.#oldestOfAll = db.prepare('SELECT log, written_at FROM chunks ORDER BY id LIMIT 1')
    this.#messages = db.prepare('SELECT messages FROM chunks WHERE id = ?')
    this.#sizeOf = db.prepare('SELECT sum(count) AS events, sum(bytes) AS bytes FROM chunks WHERE stream = ?')
    this.#addLog = db.prepare('INSERT INTO logs VALUES (NULL, ?, ?, ?, 0, 0, 0, ?)')
    this.#setLog = db.prepare('UPDATE logs SET events = ?, bytes = ?, streams = ?, touched_at = max(touched_at, ?) WHERE id = ?')
    this.#setHeld = db.prepare('UPDATE logs SET held = 1, owner = ? WHERE id = ?')
    this.#addStream = db.prepare('INSERT INTO streams VALUES (NULL, ?, ?, 0, 0, 0, ?, ?)')
    this.#setStream = db.prepare('UPDATE streams SET last = ?, trimmed = ?, ended = ?, written_at = max(written_at, ?) WHERE id = ?')
    this.#addChunk = db.prepare('INSERT INTO chunks VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)')
    this.#setChunk = db.prepare('UPDATE chunks SET count = ?, bytes = ? WHERE id = ?')
    this.#deleteChunk = db.prepare('DELETE FROM chunks WHERE id = ?')
    this.#deleteStream = db.prepare('DELETE FROM streams WHERE id = ?')
    this.#deleteChunksOfStream = db.prepare('DELETE FROM chunks WHERE stream = ?')
    this.#deletes = ['chunks WHERE log', 'streams WHERE log', 'logs WHERE id'].map(what => db.prepare(`DELETE FROM ${what} = ?`))
    accounts.evictWith((owner, enough) => this.#evict(owner, enough))
  }

  /** @param sessionOwner Who pays for the session; `undefined` where it is not stored. */
  open (session: string, name: string, owner: string, sessionOwner: string | undefined, now: number): void {
    let log = this.#log.get(session)
    if (log === undefined) {
      this.#addLog.run(session, sessionOwner ?? '', sessionOwner === undefined ? 0 : 1, now)
      log = this.#log.get(session)
    }
    if (log === undefined || this.#stream.get(log.id, name) !== undefined) return
    const before = costOf(log)
    this.#addStream.run(log.id, name, now, owner)
    log.streams++
    this.#save(log, before, now)
  }

  append (session: string, name: string, chunks: readonly NewChunk[], ended: boolean, now: number, after?: number): number {
    const log = this.#log.get(session)
    const stream = log && this.#stream.get(log.id, name)
    if (log === undefined || stream === undefined || (stream.ended === 1 && chunks.length > 0)) return 0
    if (after !== undefined && after !== stream.last) return stream.last
    if (chunks.length === 0 && (stream.ended === 1 || !ended)) return stream.last
    const before = costOf(log)
    for (const { count, bytes, messages } of chunks) {
      stream.last += count
      this.#addChunk.run(log.id, stream.id, stream.last, count, bytes, now, messages)
      log.events += count
      log.bytes += bytes
    }
    // A sweep removes what has aged, except before an end is marked: the mark is kept as long as an event.
    if (chunks.length === 0 || this.#isOver(log)) this.#trim(log, now, stream)
    if (chunks.length === 0 && stream.last === stream.trimmed) this.#addChunk.run(log.id, stream.id, stream.last, 0, 0, now, '')
    stream.ended = ended ? 1 : 0
    if (ended && stream.last === stream.trimmed && chunks.length > 0) this.#dropStream(log, stream.id)
    else this.#setStream.run(stream.last, stream.trimmed, stream.ended, now, stream.id)
    this.#save(log, before, now)
    return stream.last
  }

  remove (session: string): void {
    const log = this.#log.get(session)
    if (log !== undefined) this.#remove(log)
  }

  /** The session was stored: from now on its owner pays for what its log holds. */
  adopt (session: string, owner: string): void {
    const log = this.#log.get(session)
    if (log === undefined) return
    this.#accounts.add(log.owner, 0, -costOf(log))
    this.#accounts.add(owner, 0, costOf(log))
    this.#setHeld.run(owner, log.id)
  }

  /** Trims up to `limit` logs whose oldest event has aged, and removes idle logs without a session. Returns whether there may be more. */
  sweep (now: number, limit: number): boolean {
    const agedUntil = now - this.#bounds.maxAgeMs
    const unheld = this.#unheld.all(agedUntil, limit)
    for (const log of unheld) this.#remove(log)
    for (let step = 0; step < limit; step++) {
      const oldest = this.#oldestOfAll.get()
      if (oldest === undefined || oldest.written_at > agedUntil) return unheld.length >= limit
      const log = this.#logById.get(oldest.log)
      if (log === undefined) return false
      const before = costOf(log)
      this.#trim(log, now)
      this.#save(log, before, 0)
    }
    return true
  }

  #isOver ({ events, bytes }: Log): boolean {
    return events > this.#bounds.maxEvents || bytes > this.#bounds.maxBytes
  }

  /** Removes what the bounds no longer allow, oldest first. The caller saves the log and `current`. */
  #trim (log: Log, now: number, current?: Stream): void {
    for (;;) {
      const chunk = this.#oldest.get(log.id)
      if (chunk === undefined) return
      const aged = chunk.written_at + this.#bounds.maxAgeMs <= now
      if (!aged && !this.#isOver(log)) return
      this.#shorten(log, chunk, aged)
      const stream = chunk.stream === current?.id ? current : this.#streamById.get(chunk.stream)
      if (stream !== undefined) this.#trimmed(log, stream, chunk, current)
    }
  }

  #trimmed (log: Log, stream: Stream, chunk: Chunk, current: Stream | undefined): void {
    stream.trimmed = Math.max(stream.trimmed, chunk.last - chunk.count)
    if (stream === current) return
    if (stream.ended === 1 && stream.trimmed === stream.last) this.#dropStream(log, stream.id)
    else this.#setStream.run(stream.last, stream.trimmed, stream.ended, 0, stream.id)
  }

  /** Takes from the front of a chunk what has to go, or all of it. */
  #shorten (log: Log, chunk: Chunk, aged: boolean): void {
    const { maxEvents, maxBytes } = this.#bounds
    const all = aged || log.events - chunk.count >= maxEvents || log.bytes - chunk.bytes >= maxBytes
    let [count, bytes] = all ? [chunk.count, chunk.bytes] : [0, 0]
    const lengths = all ? [] : lengthsOf(this.#messages.get(chunk.id)?.messages ?? '').slice(-chunk.count)
    for (const length of lengths) {
      if (log.events - count <= maxEvents && log.bytes - bytes <= maxBytes) break
      count++
      bytes += length
    }
    chunk.count -= count
    chunk.bytes -= bytes
    log.events -= count
    log.bytes -= bytes
    if (chunk.count > 0) this.#setChunk.run(chunk.count, chunk.bytes, chunk.id)
    else this.#deleteChunk.run(chunk.id)
  }

  /** Finished streams go first, then the events of the log that was written longest ago. */
  #evict (owner: string, enough: () => boolean): void {
    for (const { id, log: logId } of enough() ? [] : this.#finished.all(owner)) {
      if (enough()) return
      const log = this.#logById.get(logId)
      if (log === undefined) continue
      const before = costOf(log)
      this.#dropStream(log, id)
      this.#save(log, before, 0)
    }
    for (const log of enough() ? [] : this.#logsOf.all(owner)) {
      for (let chunk = this.#oldest.get(log.id); chunk !== undefined && !enough(); chunk = this.#oldest.get(log.id)) {
        const before = costOf(log)
        this.#shorten(log, chunk, true)
        const stream = this.#streamById.get(chunk.stream)
        if (stream !== undefined) this.#trimmed(log, stream, chunk, undefined)
        this.#save(log, before, 0)
      }
      if (enough()) return
    }
  }

  #dropStream (log: Log, stream: number): void {
    const size = this.#sizeOf.get(stream)
    log.events -= size?.events ?? 0
    log.bytes -= size?.bytes ?? 0
    log.streams--
    this.#deleteChunksOfStream.run(stream)
    this.#deleteStream.run(stream)
  }

  #remove (log: Log): void {
    this.#accounts.add(log.owner, 0, -costOf(log))
    for (const query of this.#deletes) query.run(log.id)
  }

  #save (log: Log, before: number, now: number): void {
    this.#setLog.run(log.events, log.bytes, log.streams, now, log.id)
    this.#accounts.add(log.owner, 0, costOf(log) - before)
  }
}

function costOf ({ events, bytes, streams }: Log): number {
  return bytes + events * EVENT_BYTES + streams * STREAM_BYTES
}

