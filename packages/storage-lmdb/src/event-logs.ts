import { lastLengths, stampChunk } from './event-chunk.ts'
import { chunkKey, headKey, logDueKey, logRange, logsDueUntil, orderKey, splitDueKey, streamKey, wholeMs } from './keys.ts'
import { decodeHead, decodeOrder, decodeStream, encodeHead, encodeOrder, encodeStream } from './log-entries.ts'
import type { EventBounds } from '@mcp/storage'
import type { Database } from './database.ts'
import type { Chunk } from './event-chunk.ts'
import type { Name } from './keys.ts'
import type { LogHead, LogOrder, LogStream } from './log-entries.ts'

const NOTHING = Buffer.of(0)

/** The stream that is being appended to: it is written once, when all is done. */
interface Current {
  readonly name: Name
  readonly stream: LogStream
}

/**
 * One log per session, as it lies in the file: chunks of messages, found by stream and position, and a queue over all of
 * them that knows which is the oldest. For use within a change.
 */
export class EventLogs {
  readonly #db: Database
  readonly #bounds: EventBounds

  constructor (db: Database, bounds: EventBounds) {
    this.#db = db
    this.#bounds = bounds
  }

  open (session: Name, name: Name, owner: string, now: number): void {
    if (this.#db.has(streamKey(session, name))) return
    const head = this.#head(session) ?? { events: 0, bytes: 0, first: 0, next: 0, streams: 0, touchedAt: now, dueAt: 0 }
    head.streams++
    this.#putStream(session, name, { end: 0, trimmed: 0, at: now, ended: false, owner })
    this.#keep(session, head, now)
  }

  append (session: Name, name: Name, chunks: readonly Chunk[], ended: boolean, now: number, after?: number): number {
    const head = this.#head(session)
    if (head === undefined) return 0
    // What has aged goes first, so that an end is marked where nothing is kept any longer.
    if (chunks.length === 0) this.#trim(session, head, now)
    const stream = this.#stream(session, name)
    if (stream === undefined || (stream.ended && chunks.length > 0)) return 0
    if (after !== undefined && after !== stream.end) return stream.end
    if (chunks.length === 0 && (stream.ended || !ended)) return stream.end
    for (const chunk of chunks) this.#add(session, head, { name, stream }, chunk, now)
    if (stream.end === stream.trimmed) this.#mark(session, head, { name, stream }, now)
    stream.ended = ended
    this.#trim(session, head, now, { name, stream })
    // What was appended last is this stream's: without it, nothing of the stream is kept.
    if (ended && head.first === head.next) this.#dropStream(session, head, name)
    else this.#putStream(session, name, stream)
    this.#keep(session, head, now)
    return stream.end
  }

  remove (session: Name): void {
    const head = this.#head(session)
    if (head === undefined) return
    if (head.dueAt !== 0) this.#db.remove(logDueKey(head.dueAt, session))
    for (const key of this.#db.keys(logRange(session))) this.#db.remove(key)
  }

  /**
   * Trims up to `limit` logs whose events have aged, and removes those nobody can ask for any more; answers whether there
   * may be more to do.
   */
  sweep (isHeld: (session: Name) => boolean, now: number, limit: number): boolean {
    const due = this.#db.keys(logsDueUntil(now), limit)
    for (const key of due) {
      const { at, session } = splitDueKey(key)
      this.#db.remove(key)
      const head = this.#head(session)
      if (head?.dueAt !== at) continue
      head.dueAt = 0
      this.#trim(session, head, now)
      const oldest = head.first < head.next ? this.#order(session, head.first) : undefined
      // A stream may have been opened while its session was being deleted: nothing else would ever remove that log.
      const useful = oldest !== undefined || head.touchedAt + this.#bounds.maxAgeMs > now
      if (useful) this.#schedule(session, head, (oldest?.at ?? head.touchedAt) + this.#bounds.maxAgeMs)
      if (useful || (head.streams > 0 && isHeld(session))) this.#db.put(headKey(session), encodeHead(head))
      else this.remove(session)
    }
    return due.length >= limit
  }

  #add (session: Name, head: LogHead, { name, stream }: Current, { count, textBytes, bytes }: Chunk, now: number): void {
    stream.end += count
    stream.at = now
    this.#db.put(chunkKey(session, name, stream.end), stampChunk(bytes, now))
    this.#db.put(orderKey(session, head.next++), encodeOrder({ at: now, last: stream.end, count, bytes: textBytes, stream: name }))
    head.events += count
    head.bytes += textBytes
  }

  #mark (session: Name, head: LogHead, { name, stream }: Current, now: number): void {
    stream.at = now
    this.#db.put(orderKey(session, head.next++), encodeOrder({ at: now, last: stream.end, count: 0, bytes: 0, stream: name }))
  }

  /** Lets go of what the bounds no longer allow, oldest first. The head is changed, and written by the caller. */
  #trim (session: Name, head: LogHead, now: number, current?: Current): void {
    const { maxEvents, maxBytes, maxAgeMs } = this.#bounds
    while (head.first < head.next) {
      const order = this.#order(session, head.first)
      const aged = order.at + maxAgeMs <= now
      if (!aged && head.events <= maxEvents && head.bytes <= maxBytes) return
      const mine = current?.name.equals(order.stream) === true
      const stream = mine ? current.stream : this.#stream(session, order.stream)
      const before = order.count
      this.#shorten(session, head, order, aged)
      if (stream !== undefined && before > 0) stream.trimmed = order.last - order.count
      if (order.count > 0) this.#db.put(orderKey(session, head.first), encodeOrder(order))
      else {
        this.#db.remove(orderKey(session, head.first++))
        if (before > 0) this.#db.remove(chunkKey(session, order.stream, order.last))
      }
      if (mine || stream === undefined) continue
      if (stream.ended && stream.trimmed === stream.end) this.#dropStream(session, head, order.stream)
      else this.#putStream(session, order.stream, stream)
    }
  }

  /** Takes from the front of a chunk what has to go, or all of it. */
  #shorten (session: Name, head: LogHead, order: LogOrder, aged: boolean): void {
    const { maxEvents, maxBytes } = this.#bounds
    const all = aged || head.events - order.count >= maxEvents || head.bytes - order.bytes >= maxBytes
    const lengths = all ? [] : this.#lengths(session, order)
    let [count, bytes] = all ? [order.count, order.bytes] : [0, 0]
    for (const length of lengths) {
      if (head.events - count <= maxEvents && head.bytes - bytes <= maxBytes) break
      count++
      bytes += length
    }
    order.count -= count
    order.bytes -= bytes
    head.events -= count
    head.bytes -= bytes
  }

  #lengths (session: Name, { stream, last, count }: LogOrder): number[] {
    const chunk = this.#db.get(chunkKey(session, stream, last))
    return chunk === undefined ? [] : lastLengths(chunk, count)
  }

  #dropStream (session: Name, head: LogHead, name: Name): void {
    this.#db.remove(streamKey(session, name))
    head.streams--
  }

  #keep (session: Name, head: LogHead, now: number): void {
    head.touchedAt = now
    if (head.dueAt === 0) this.#schedule(session, head, now + this.#bounds.maxAgeMs)
    this.#db.put(headKey(session), encodeHead(head))
  }

  #schedule (session: Name, head: LogHead, at: number): void {
    head.dueAt = wholeMs(at)
    this.#db.put(logDueKey(head.dueAt, session), NOTHING)
  }

  #putStream (session: Name, name: Name, stream: LogStream): void {
    this.#db.put(streamKey(session, name), encodeStream(stream))
  }

  #head (session: Name): LogHead | undefined {
    const entry = this.#db.get(headKey(session))
    return entry && decodeHead(entry)
  }

  #stream (session: Name, name: Name): LogStream | undefined {
    const entry = this.#db.get(streamKey(session, name))
    return entry && decodeStream(entry)
  }

  #order (session: Name, sequence: number): LogOrder {
    const entry = this.#db.get(orderKey(session, sequence))
    return entry === undefined ? { at: 0, last: 0, count: 0, bytes: 0, stream: NOTHING } : decodeOrder(entry)
  }
}
