import { randomUUID } from 'node:crypto'
import type { Database } from './database.ts'

/** Longer than a process is ever busy with one thing. A process that was stopped for longer enters itself again. */
const FORGOTTEN_AFTER_MS = 5 * 60_000

const statementsOf = (db: Database) => ({
  enter: db.prepare('INSERT OR REPLACE INTO processes VALUES (?, ?)'),
  leave: db.prepare('DELETE FROM processes WHERE id = ?'),
  forget: db.prepare('DELETE FROM processes WHERE seen_at <= ?'),
  find: db.prepare('SELECT 1 FROM processes WHERE id = ?'),
  others: db.prepare('SELECT 1 FROM processes WHERE id <> ? LIMIT 1')
})

/**
 * Which storages have the file open, in this process or another. While there is only one, the bus does not write to the file. The entry
 * of a dead process costs useless writes until it is forgotten, nothing else.
 */
export class Processes {
  readonly #sql: ReturnType<typeof statementsOf>
  /** Names this storage. */
  readonly id = randomUUID()
  readonly #db: Database
  #version = NaN
  #shared = false

  constructor (db: Database) {
    this.#db = db
    this.#sql = statementsOf(db)
  }

  /** Whether there are others. */
  get shared (): boolean {
    const version = this.#db.version()
    if (version !== this.#version) {
      this.#shared = this.#sql.others.get(this.id) !== undefined
      this.#version = version
    }
    return this.#shared
  }

  /** Enters this storage, or renews its entry. Returns whether it was entered before. Within a transaction. */
  beat (now: number): boolean {
    const known = this.#sql.find.get(this.id) !== undefined
    this.#sql.forget.run(now - FORGOTTEN_AFTER_MS)
    this.#sql.enter.run(this.id, now)
    this.#version = NaN
    return known
  }

  /** Within a transaction. */
  leave (): void {
    this.#sql.leave.run(this.id)
  }
}
