/** Messages that were appended together, as bytes: when, how many, how long each is, and their text. */
import type { StoredEvent } from '@mcp/storage'

const AT = 0
const COUNT = 8
const LENGTHS = 12

/** A chunk fits a few pages of the file, so that reading one event does not mean reading megabytes. */
const CHUNK_BYTES = 16 * 1024

export interface Chunk {
  readonly count: number
  /** Of the text alone. */
  readonly textBytes: number
  /** The time is missing still. */
  readonly bytes: Buffer
}

export function encodeChunks (messages: readonly string[]): Chunk[] {
  const chunks: Chunk[] = []
  let from = 0
  let textBytes = 0
  const lengths: number[] = []
  for (const message of messages) {
    const length = Buffer.byteLength(message)
    if (lengths.length > 0 && textBytes + length > CHUNK_BYTES) {
      chunks.push(encodeChunk(messages, from, lengths, textBytes))
      from += lengths.length
      lengths.length = textBytes = 0
    }
    lengths.push(length)
    textBytes += length
  }
  if (lengths.length > 0) chunks.push(encodeChunk(messages, from, lengths, textBytes))
  return chunks
}

function encodeChunk (messages: readonly string[], from: number, lengths: readonly number[], textBytes: number): Chunk {
  const bytes = Buffer.allocUnsafe(LENGTHS + lengths.length * 4 + textBytes)
  bytes.writeUInt32LE(lengths.length, COUNT)
  let offset = LENGTHS
  for (const length of lengths) offset = bytes.writeUInt32LE(length, offset)
  for (let index = 0; index < lengths.length; index++) offset += bytes.write(messages[from + index] ?? '', offset)
  return { count: lengths.length, textBytes, bytes }
}

export function stampChunk (bytes: Buffer, at: number): Buffer {
  bytes.writeDoubleLE(at, AT)
  return bytes
}

export const timeOfChunk = (bytes: Buffer): number => bytes.readDoubleLE(AT)

/** Lengths in bytes of the last `count` messages. */
export function lastLengths (bytes: Buffer, count: number): number[] {
  const all = bytes.readUInt32LE(COUNT)
  return Array.from({ length: count }, (_, index) => bytes.readUInt32LE(LENGTHS + (all - count + index) * 4))
}

/** Adds the events from `first` to `until` to `events`. `last` is the position of the last one in the chunk. */
export function decodeChunk (bytes: Buffer, last: number, first: number, until: number, events: StoredEvent[]): void {
  const count = bytes.readUInt32LE(COUNT)
  let offset = LENGTHS + count * 4
  for (let index = 0; index < count; index++) {
    const position = last - count + 1 + index
    if (position > until) return
    const length = bytes.readUInt32LE(LENGTHS + index * 4)
    if (position >= first) events.push({ position, message: bytes.toString('utf8', offset, offset + length) })
    offset += length
  }
}
