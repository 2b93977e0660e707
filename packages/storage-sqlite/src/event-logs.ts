import { lengthsOf } from './chunk.ts'
import type { EventBounds } from '@mcp/storage'
import type { Accounts } from './accounts.ts'
import type { NewChunk } from './chunk.ts'
import type { Database } from './database.ts'

/** A row of `logs`: see the schema. */
interface Log {
  readonly id: number
  readonly session: string
  readonly owner: string
  events: number
  bytes: number
  streams: number
  skipped: number
  skipped_bytes: number
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
  readonly count: number
  readonly bytes: number
  readonly written_at: number
}

/** What an event, and a stream, take beside their text. An estimate. */
const EVENT_BYTES = 64
const STREAM_BYTES = 512

const statementsOf = (db: Database) => ({
  log: db.prepare<Log>('SELECT * FROM logs WHERE session = ?'),
  logById: db.prepare<Log>('SELECT * FROM logs WHERE id = ?'),
  logsOf: db.prepare<Log>('SELECT * FROM logs WHERE owner = ? ORDER BY touched_at'),
  unheld: db.prepare<Log>('SELECT * FROM logs WHERE held = 0 AND touched_at <= ? LIMIT ?'),
  stream: db.prepare<Stream>('SELECT * FROM streams WHERE log = ? AND name = ?'),
  streamById: db.prepare<Stream>('SELECT * FROM streams WHERE id = ?'),
  finished: db.prepare<{ id: number, log: number }>('SELECT s.id, s.log FROM logs l JOIN streams s ON s.log = l.id WHERE l.owner = ? AND s.ended = 1 ORDER BY s.written_at'),
  oldest: db.prepare<Chunk>('SELECT id, stream, last, count, bytes, written_at FROM chunks WHERE log = ? ORDER BY id LIMIT 1'),
  oldestOfAll: db.prepare<{ log: number, written_at: number }>('SELECT log, written_at FROM chunks ORDER BY id LIMIT 1'),
  messages: db.prepare<{ messages: string }>('SELECT messages FROM chunks WHERE id = ?'),
  sizeOf: db.prepare<{ events: number | null, bytes: number | null }>('SELECT sum(count) AS events, sum(bytes) AS bytes FROM chunks WHERE stream = ?'),
  addLog: db.prepare('INSERT INTO logs VALUES (NULL, ?, ?, ?, 0, 0, 0, 0, 0, ?)'),
  setLog: db.prepare('UPDATE logs SET events = ?, bytes = ?, streams = ?, skipped = ?, skipped_bytes = ?, touched_at = max(touched_at, ?) WHERE id = ?'),
  setHeld: db.prepare('UPDATE logs SET held = 1, owner = ? WHERE id = ?'),
  addStream: db.prepare('INSERT INTO streams VALUES (NULL, ?, ?, 0, 0, 0, ?, ?)'),
  setStream: db.prepare('UPDATE streams SET last = ?, trimmed = ?, ended = ?, written_at = max(written_at, ?) WHERE id = ?'),
  addChunk: db.prepare('INSERT INTO chunks VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)'),
  deleteChunk: db.prepare('DELETE FROM chunks WHERE id = ?'),
  deleteStream: db.prepare('DELETE FROM streams WHERE id = ?'),
  deleteChunksOfStream: db.prepare('DELETE FROM chunks WHERE stream = ?'),
  deleteLog: ['chunks WHERE log', 'streams WHERE log', 'logs WHERE id'].map(rows => db.prepare(`DELETE FROM ${rows} = ?`))
})

/**
 * One log per session: chunks of messages in order of time, each belonging to a stream. All methods are for use within a transaction.
 */
export class EventLogs {
  readonly #sql: ReturnType<typeof statementsOf>
  readonly #bounds: EventBounds
  readonly #accounts: Accounts

  constructor (db: Database, bounds: EventBounds, accounts: Accounts) {
    this.#bounds = bounds
    this.#accounts = accounts
    this.#sql = statementsOf(db)
    accounts.evictWith((owner, enough) => this.#evict(owner, enough))
  }

  /** @param sessionOwner Who pays for the session; `undefined` where it is not stored. */
  open (session: string, name: string, owner: string, sessionOwner: string | undefined, now: number): void {
    let log = this.#sql.log.get(session)
    if (log === undefined) {
      this.#sql.addLog.run(session, sessionOwner ?? '', sessionOwner === undefined ? 0 : 1, now)
      log = this.#sql.log.get(session)
    }
    if (log === undefined || this.#sql.stream.get(log.id, name) !== undefined) return
    const before = costOf(log)
    this.#sql.addStream.run(log.id, name, now, owner)
    log.streams++
    this.#save(log, before, now)
  }

  append (session: string, name: string, chunks: readonly NewChunk[], ended: boolean, now: number, after?: number): number {
    const log = this.#sql.log.get(session)
    const stream = log && this.#sql.stream.get(log.id, name)
    if (log === undefined || stream === undefined || (stream.ended === 1 && chunks.length > 0)) return 0
    if (after !== undefined && after !== stream.last) return stream.last
    if (chunks.length === 0 && (stream.ended === 1 || !ended)) return stream.last
    const before = costOf(log)
    for (const { count, bytes, messages } of chunks) {
      stream.last += count
      this.#sql.addChunk.run(log.id, stream.id, stream.last, count, bytes, now, messages)
      log.events += count
      log.bytes += bytes
    }
    // A sweep removes what has aged, except before an end is marked: the mark is kept as long as an event.
    if (chunks.length === 0 || this.#isOver(log)) this.#trim(log, now, stream)
    if (chunks.length === 0 && stream.last === stream.trimmed) this.#sql.addChunk.run(log.id, stream.id, stream.last, 0, 0, now, '')
    stream.ended = ended ? 1 : 0
    if (ended && stream.last === stream.trimmed && chunks.length > 0) this.#dropStream(log, stream.id)
    else this.#sql.setStream.run(stream.last, stream.trimmed, stream.ended, now, stream.id)
    this.#save(log, before, now)
    return stream.last
  }

  remove (session: string): void {
    const log = this.#sql.log.get(session)
    if (log !== undefined) this.#remove(log)
  }

  /** The session was stored: from now on its owner pays for what its log holds. */
  adopt (session: string, owner: string): void {
    const log = this.#sql.log.get(session)
    if (log === undefined) return
    this.#accounts.add(log.owner, 0, -costOf(log))
    this.#accounts.add(owner, 0, costOf(log))
    this.#sql.setHeld.run(owner, log.id)
  }

  /** Trims up to `limit` logs whose oldest event has aged, and removes idle logs without a session. Returns whether there may be more. */
  sweep (now: number, limit: number): boolean {
    const agedUntil = now - this.#bounds.maxAgeMs
    const unheld = this.#sql.unheld.all(agedUntil, limit)
    for (const log of unheld) this.#remove(log)
    for (let step = 0; step < limit; step++) {
      const oldest = this.#sql.oldestOfAll.get()
      if (oldest === undefined || oldest.written_at > agedUntil) return unheld.length >= limit
      const log = this.#sql.logById.get(oldest.log)
      if (log === undefined) return false
      const before = costOf(log)
      this.#trim(log, now)
      this.#save(log, before, 0)
    }
    return true
  }

  #isOver ({ events, bytes }: Pick<Log, 'events' | 'bytes'>): boolean {
    return events > this.#bounds.maxEvents || bytes > this.#bounds.maxBytes
  }

  /** Removes what the bounds no longer allow, oldest first. The caller saves the log and `current`. */
  #trim (log: Log, now: number, current?: Stream): void {
    for (;;) {
      const chunk = this.#sql.oldest.get(log.id)
      if (chunk === undefined) return
      const aged = chunk.written_at + this.#bounds.maxAgeMs <= now
      if (!aged && !this.#isOver(log)) return
      this.#shorten(log, chunk, aged, current)
    }
  }

  /** Removes the oldest messages of the oldest chunk, as many as have to go, or the chunk. */
  #shorten (log: Log, chunk: Chunk, all: boolean, current?: Stream): void {
    const rest = { events: log.events - chunk.count + log.skipped, bytes: log.bytes - chunk.bytes + log.skipped_bytes }
    const { maxEvents, maxBytes } = this.#bounds
    const trimmed = all || rest.events >= maxEvents || rest.bytes >= maxBytes ? this.#removeOldest(log, chunk) : this.#skip(log, chunk)
    const stream = chunk.stream === current?.id ? current : this.#sql.streamById.get(chunk.stream)
    if (stream === undefined) return
    stream.trimmed = Math.max(stream.trimmed, trimmed)
    if (stream === current) return
    if (stream.ended === 1 && stream.trimmed === stream.last) this.#dropStream(log, stream.id)
    else this.#sql.setStream.run(stream.last, stream.trimmed, stream.ended, 0, stream.id)
  }

  /** Returns the position of the last message that went. */
  #removeOldest (log: Log, { id, last, count, bytes }: Chunk): number {
    log.events -= count - log.skipped
    log.bytes -= bytes - log.skipped_bytes
    log.skipped = log.skipped_bytes = 0
    this.#sql.deleteChunk.run(id)
    return last
  }

  #skip (log: Log, { id, last, count }: Chunk): number {
    for (const length of lengthsOf(this.#sql.messages.get(id)?.messages ?? '').slice(log.skipped)) {
      if (!this.#isOver(log)) break
      log.skipped++
      log.skipped_bytes += length
      log.events--
      log.bytes -= length
    }
    return last - count + log.skipped
  }

  /** Finished streams go first, then the events of the log that was written longest ago. */
  #evict (owner: string, enough: () => boolean): void {
    for (const { id, log: logId } of enough() ? [] : this.#sql.finished.all(owner)) {
      if (enough()) return
      const log = this.#sql.logById.get(logId)
      if (log === undefined) continue
      const before = costOf(log)
      this.#dropStream(log, id)
      this.#save(log, before, 0)
    }
    for (const log of enough() ? [] : this.#sql.logsOf.all(owner)) {
      for (let chunk = this.#sql.oldest.get(log.id); chunk !== undefined && !enough(); chunk = this.#sql.oldest.get(log.id)) {
        const before = costOf(log)
        this.#shorten(log, chunk, true)
        this.#save(log, before, 0)
      }
      if (enough()) return
    }
  }

  #dropStream (log: Log, stream: number): void {
    if (log.skipped > 0 && this.#sql.oldest.get(log.id)?.stream === stream) {
      log.events += log.skipped
      log.bytes += log.skipped_bytes
      log.skipped = log.skipped_bytes = 0
    }
    const size = this.#sql.sizeOf.get(stream)
    log.events -= size?.events ?? 0
    log.bytes -= size?.bytes ?? 0
    log.streams--
    this.#sql.deleteChunksOfStream.run(stream)
    this.#sql.deleteStream.run(stream)
  }

  #remove (log: Log): void {
    this.#accounts.add(log.owner, 0, -costOf(log))
    for (const query of this.#sql.deleteLog) query.run(log.id)
  }

  #save (log: Log, before: number, now: number): void {
    this.#sql.setLog.run(log.events, log.bytes, log.streams, log.skipped, log.skipped_bytes, now, log.id)
    this.#accounts.add(log.owner, 0, costOf(log) - before)
  }
}

function costOf ({ events, bytes, streams }: Log): number {
  return bytes + events * EVENT_BYTES + streams * STREAM_BYTES
}
