import { randomBytes } from 'node:crypto'
import { PROCESSES_KEY } from './keys.ts'
import type { Database } from './database.ts'

const ID_BYTES = 8
const ENTRY_BYTES = 16

/** Longer than a process is ever busy with one thing. One that was away for longer enters itself again. */
const FORGOTTEN_AFTER_MS = 5 * 60_000

interface ProcessEntry {
  readonly id: string
  readonly seenAt: number
}

/**
 * Who has the file open: one entry per storage, in one value. As long as there is no other, the bus need not go through
 * the file. Entries of dead processes cost some useless writes until they are forgotten, nothing else.
 */
export class Processes {
  /** Names this storage among those on the file. */
  readonly id = randomBytes(ID_BYTES)
  readonly #db: Database
  readonly #name = this.id.toString('hex')

  constructor (db: Database) {
    this.#db = db
  }

  /** Enters this one, or says that it is still there, and forgets those that are not. Answers whether it was known. Within a change. */
  beat (now: number): boolean {
    const all = this.#all()
    const others = all.filter(({ id, seenAt }) => id !== this.#name && seenAt + FORGOTTEN_AFTER_MS > now)
    this.#put([...others, { id: this.#name, seenAt: now }])
    return all.some(({ id }) => id === this.#name)
  }

  /** Within a change. */
  leave (): void {
    this.#put(this.#all().filter(({ id }) => id !== this.#name))
  }

  /** Whether there are others. */
  get shared (): boolean {
    const bytes = this.#db.get(PROCESSES_KEY)
    return bytes !== undefined && (bytes.length > ENTRY_BYTES || this.id.compare(bytes, 0, ID_BYTES) !== 0)
  }

  get none (): boolean {
    return !this.#db.has(PROCESSES_KEY)
  }

  #all (): ProcessEntry[] {
    const bytes = this.#db.get(PROCESSES_KEY)
    return Array.from({ length: (bytes?.length ?? 0) / ENTRY_BYTES }, (_, index) => ({
      id: bytes?.toString('hex', index * ENTRY_BYTES, index * ENTRY_BYTES + ID_BYTES) ?? '',
      seenAt: bytes?.readDoubleLE(index * ENTRY_BYTES + ID_BYTES) ?? 0
    }))
  }

  #put (entries: readonly ProcessEntry[]): void {
    if (entries.length === 0) return this.#db.remove(PROCESSES_KEY)
    this.#db.put(PROCESSES_KEY, Buffer.concat(entries.map(({ id, seenAt }) => {
      const entry = Buffer.alloc(ENTRY_BYTES, id, 'hex')
      entry.writeDoubleLE(seenAt, ID_BYTES)
      return entry
    })))
  }
}
