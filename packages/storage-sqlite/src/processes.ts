import { randomUUID } from 'node:crypto'
import type { Database, Query } from './database.ts'

/** Longer than a process is ever busy with one thing. A process that was stopped for longer enters itself again. */
const FORGOTTEN_AFTER_MS = 5 * 60_000

/**
 * Which storages have the file open, in this process or another. While there is only one, the bus does not write to the file. The entry of a
 * dead process costs useless writes until it is forgotten, nothing else.
 */
export class Processes {
  /** Names this storage. */
  readonly id = randomUUID()
  readonly #db: Database
  readonly #enter: Query<never>
  readonly #leave: Query<never>
  readonly #forget: Query<never>
  readonly #find: Query<unknown>
  readonly #others: Query<unknown>
  #version = NaN
  #shared = false

  constructor (db: Database) {
    this.#db = db
    this.#enter = db.prepare('INSERT OR REPLACE INTO processes VALUES (?, ?)')
    this.#leave = db.prepare('DELETE FROM processes WHERE id = ?')
    this.#forget = db.prepare('DELETE FROM processes WHERE seen_at <= ?')
    this.#find = db.prepare('SELECT 1 FROM processes WHERE id = ?')
    this.#others = db.prepare('SELECT 1 FROM processes WHERE id <> ? LIMIT 1')
  }

  /** Whether there are others. */
  get shared (): boolean {
    const version = this.#db.version()
    if (version !== this.#version) {
      this.#shared = this.#others.get(this.id) !== undefined
      this.#version = version
    }
    return this.#shared
  }

  /** Enters this storage, or renews its entry. Returns whether it was entered before. Within a transaction. */
  beat (now: number): boolean {
    const known = this.#find.get(this.id) !== undefined
    this.#forget.run(now - FORGOTTEN_AFTER_MS)
    this.#enter.run(this.id, now)
    this.#version = NaN
    return known
  }

  /** Within a transaction. */
  leave (): void {
    this.#leave.run(this.id)
  }
}
