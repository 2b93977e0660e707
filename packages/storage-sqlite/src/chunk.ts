/** Messages that were appended together, as one text. */
import type { StoredEvent } from '@mcp/storage'

/** JSON text does not contain control characters except for tab, line feed and carriage return. */
const SEPARATOR = '\u001e'

/** A chunk fits a few pages of the file, so that reading one event does not mean reading megabytes. */
const CHUNK_BYTES = 16 * 1024

export interface NewChunk {
  readonly count: number
  /** Bytes of the messages in UTF-8. */
  readonly bytes: number
  readonly messages: string
}

export interface StoredChunk {
  /** Position of the last message. */
  readonly last: number
  readonly count: number
  readonly messages: string
}

/** Chunks of about 16 KiB; a larger message is a chunk of its own. */
export function joinMessages (messages: readonly string[]): NewChunk[] {
  const chunks: NewChunk[] = []
  let first = 0
  let bytes = 0
  messages.forEach((message, index) => {
    const length = Buffer.byteLength(message)
    if (index > first && bytes + length > CHUNK_BYTES) {
      chunks.push(chunkOf(messages, first, index, bytes))
      first = index
      bytes = 0
    }
    bytes += length
  })
  if (first < messages.length) chunks.push(chunkOf(messages, first, messages.length, bytes))
  return chunks
}

function chunkOf (messages: readonly string[], from: number, to: number, bytes: number): NewChunk {
  const text = to - from === 1 ? messages[from] ?? '' : messages.slice(from, to).join(SEPARATOR)
  return { count: to - from, bytes, messages: text }
}

/** Bytes of each message. */
export function lengthsOf (messages: string): number[] {
  return messages.split(SEPARATOR).map(message => Buffer.byteLength(message))
}

/** Adds the events after `after` up to `until` to `events`. */
export function addEvents ({ last, count, messages }: StoredChunk, after: number, until: number, events: StoredEvent[]): void {
  const all = count === 1 ? [messages] : messages.split(SEPARATOR)
  const first = last - count + 1
  for (let position = Math.max(first, after + 1); position <= Math.min(last, until); position++) {
    events.push({ position, message: all[position - first] ?? '' })
  }
}
