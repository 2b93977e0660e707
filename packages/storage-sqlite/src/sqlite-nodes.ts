import type { NodeRegistry } from '@mcp/storage'
import type { Database } from './database.ts'

const statementsOf = (db: Database) => ({
  read: db.prepare<{ alive_until: number }>('SELECT alive_until FROM nodes WHERE id = ?'),
  beat: db.prepare('INSERT OR REPLACE INTO nodes VALUES (?, ?)'),
  leave: db.prepare('DELETE FROM nodes WHERE id = ?'),
  removeDead: db.prepare('DELETE FROM nodes WHERE alive_until <= ?')
})

/** Which nodes are alive, by the clock of the machine that they share. */
export class SqliteNodes implements NodeRegistry {
  readonly #sql: ReturnType<typeof statementsOf>
  readonly #db: Database

  constructor (db: Database) {
    this.#db = db
    this.#sql = statementsOf(db)
  }

  async beat (node: string, ttlMs: number): Promise<void> {
    const until = Date.now() + ttlMs
    await this.#db.write(() => this.#sql.beat.run(node, until), true)
  }

  async leave (node: string): Promise<void> {
    await this.#db.write(() => this.#sql.leave.run(node), true)
  }

  alive (node: string): boolean {
    this.#db.version()
    return (this.#sql.read.get(node)?.alive_until ?? 0) > Date.now()
  }

  async sweep (): Promise<void> {
    await this.#db.write(() => this.#sql.removeDead.run(Date.now()), true)
  }
}
