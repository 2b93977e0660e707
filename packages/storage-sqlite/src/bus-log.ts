import type { Database } from './database.ts'

export interface BusMessage {
  readonly channel: string
  readonly message: string
}

/** How long a process may be busy with one thing without missing a message. */
const KEPT_MS = 15_000

const statementsOf = (db: Database) => ({
  add: db.prepare('INSERT INTO bus VALUES (NULL, ?, ?, ?, ?)'),
  trim: db.prepare('DELETE FROM bus WHERE id IN (SELECT id FROM bus WHERE sent_at <= ? ORDER BY id LIMIT ?)'),
  last: db.prepare<{ seq: number }>("SELECT seq FROM sqlite_sequence WHERE name = 'bus'"),
  first: db.prepare<{ id: number | null }>('SELECT min(id) AS id FROM bus'),
  others: db.prepare<BusMessage>('SELECT channel, message FROM bus WHERE id > ? AND id <= ? AND process <> ? ORDER BY id')
})

/** The messages of the last seconds, for other processes. */
export class BusLog {
  readonly #sql: ReturnType<typeof statementsOf>
  readonly #process: string

  /** @param process names this storage: it does not read its own messages */
  constructor (db: Database, process: string) {
    this.#process = process
    this.#sql = statementsOf(db)
  }

  /** Number of the last message that was ever added; 0 when there was none. */
  get last (): number {
    return this.#sql.last.get()?.seq ?? 0
  }

  /** Whether messages after number `seen` are no longer kept. */
  hasTrimmedAfter (seen: number): boolean {
    return (this.#sql.first.get()?.id ?? this.last + 1) > seen + 1
  }

  /** Within a transaction. Removes twice as much as it adds, at most. */
  add ({ channel, message }: BusMessage, now: number): void {
    this.#sql.add.run(now, this.#process, channel, message)
    this.#sql.trim.run(now - KEPT_MS, 2)
  }

  /** Removes old messages. Within a transaction. */
  trim (now: number): void {
    this.#sql.trim.run(now - KEPT_MS, -1)
  }

  /** Messages of other processes after number `seen`, up to number `last`. */
  others (seen: number, last: number): BusMessage[] {
    return this.#sql.others.all(seen, last, this.#process)
  }
}
