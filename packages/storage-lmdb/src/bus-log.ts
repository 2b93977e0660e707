import { BUS_RANGE_KEY, busBetween, busKey } from './keys.ts'
import type { Database } from './database.ts'

/** How long a process may be busy with other things without missing a message. */
const KEPT_MS = 15_000
/** Removed per message that is added, at most: twice what comes in. */
const TRIMMED_AT_ONCE = 2

const AT = 8
const CHANNEL_LENGTH = 16
const TEXT = 20

export interface BusRange {
  first: number
  next: number
}

export interface BusMessage {
  readonly channel: string
  readonly message: string
}

/** The messages of the last seconds, for other processes. */
export class BusLog {
  readonly #db: Database
  readonly #origin: Buffer

  /** @param origin eight bytes that name this storage */
  constructor (db: Database, origin: Buffer) {
    this.#db = db
    this.#origin = origin
  }

  /** Numbers of the oldest message that is kept, and of the next one. */
  get range (): BusRange {
    const bytes = this.#db.get(BUS_RANGE_KEY)
    return { first: bytes?.readDoubleLE(0) ?? 0, next: bytes?.readDoubleLE(8) ?? 0 }
  }

  /** Within a change. */
  add ({ channel, message }: BusMessage, now: number): void {
    const { range } = this
    const length = Buffer.byteLength(channel)
    const entry = Buffer.alloc(TEXT + length + Buffer.byteLength(message))
    this.#origin.copy(entry)
    entry.writeDoubleLE(now, AT)
    entry.writeUInt32LE(length, CHANNEL_LENGTH)
    entry.write(channel, TEXT)
    entry.write(message, TEXT + length)
    this.#db.put(busKey(range.next++), entry)
    this.#trim(range, now, TRIMMED_AT_ONCE)
  }

  /** Lets go of old messages. Within a change. */
  trim (now: number): void {
    this.#trim(this.range, now, Infinity)
  }

  /** What other processes added, from `first` up to before `next`. */
  others (first: number, next: number): BusMessage[] {
    const found: BusMessage[] = []
    for (const { value } of this.#db.entries(busBetween(first, next))) {
      if (this.#origin.compare(value, 0, AT) === 0) continue
      const text = TEXT + value.readUInt32LE(CHANNEL_LENGTH)
      found.push({ channel: value.toString('utf8', TEXT, text), message: value.toString('utf8', text) })
    }
    return found
  }

  #trim (range: BusRange, now: number, limit: number): void {
    for (let removed = 0; removed < limit && range.first < range.next; removed++) {
      const at = this.#db.get(busKey(range.first))?.readDoubleLE(AT) ?? 0
      if (at + KEPT_MS > now) break
      this.#db.remove(busKey(range.first++))
    }
    const bytes = Buffer.alloc(16)
    bytes.writeDoubleLE(range.first, 0)
    bytes.writeDoubleLE(range.next, 8)
    this.#db.put(BUS_RANGE_KEY, bytes)
  }
}
