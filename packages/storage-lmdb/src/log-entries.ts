/** What else a session's log of events consists of, as bytes. */
import type { StreamOwner } from '@mcp/storage'
import type { Name } from './keys.ts'

/** One per session. */
export interface LogHead {
  /** How many events are kept, and how many bytes their text has. */
  events: number
  bytes: number
  /** Sequence of the oldest entry that is kept, and of the next one. */
  first: number
  next: number
  streams: number
  /** When something was opened or appended. */
  touchedAt: number
  /** Under which moment the log stands among those to look after; 0: nowhere. */
  dueAt: number
}

/** One per stream. */
export interface LogStream {
  /** Position of the last event. */
  end: number
  /** How many events came before the kept ones. */
  trimmed: number
  /** When the last event came, or the end where no event was kept. */
  at: number
  ended: boolean
  /** A {@link StreamOwner} as JSON. */
  readonly owner: string
}

/** One per chunk, in the order they were appended to the session: which stream's, up to which position. */
export interface LogOrder {
  readonly at: number
  readonly last: number
  /** Events of the chunk that are kept; 0 marks the end of a stream that has none. */
  count: number
  bytes: number
  readonly stream: Name
}

const DOUBLE = 8

export function encodeHead ({ events, bytes, first, next, streams, touchedAt, dueAt }: LogHead): Buffer {
  return doubles([events, bytes, first, next, streams, touchedAt, dueAt], 0)
}

export function decodeHead (entry: Buffer): LogHead {
  const [events, bytes, first, next, streams, touchedAt, dueAt] = [0, 1, 2, 3, 4, 5, 6].map(index => entry.readDoubleLE(index * DOUBLE))
  return {
    events: events ?? 0,
    bytes: bytes ?? 0,
    first: first ?? 0,
    next: next ?? 0,
    streams: streams ?? 0,
    touchedAt: touchedAt ?? 0,
    dueAt: dueAt ?? 0
  }
}

export function encodeStream ({ end, trimmed, at, ended, owner }: LogStream): Buffer {
  const entry = doubles([end, trimmed, at, Number(ended)], Buffer.byteLength(owner))
  entry.write(owner, 4 * DOUBLE)
  return entry
}

export function decodeStream (entry: Buffer): LogStream {
  return {
    end: entry.readDoubleLE(0),
    trimmed: entry.readDoubleLE(DOUBLE),
    at: entry.readDoubleLE(2 * DOUBLE),
    ended: entry.readDoubleLE(3 * DOUBLE) === 1,
    owner: entry.toString('utf8', 4 * DOUBLE, entry.length)
  }
}

export function encodeOwner ({ node, requestIds }: StreamOwner): string {
  return JSON.stringify({ node, requestIds })
}

export function encodeOrder ({ at, last, count, bytes, stream }: LogOrder): Buffer {
  const entry = doubles([at, last, count, bytes], stream.length)
  entry.set(stream, 4 * DOUBLE)
  return entry
}

export function decodeOrder (entry: Buffer): LogOrder {
  return {
    at: entry.readDoubleLE(0),
    last: entry.readDoubleLE(DOUBLE),
    count: entry.readDoubleLE(2 * DOUBLE),
    bytes: entry.readDoubleLE(3 * DOUBLE),
    // A copy: what the database hands out is written over by the next look into it.
    stream: Buffer.from(entry.subarray(4 * DOUBLE, entry.length))
  }
}

function doubles (values: readonly number[], more: number): Buffer {
  const entry = Buffer.allocUnsafe(values.length * DOUBLE + more)
  values.forEach((value, index) => entry.writeDoubleLE(value, index * DOUBLE))
  return entry
}
