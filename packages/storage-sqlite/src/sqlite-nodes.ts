import type { NodeRegistry } from '@mcp/storage'
import type { Database, Query } from './database.ts'

/** Which nodes are alive, by the clock of the machine that they share. */
export class SqliteNodes implements NodeRegistry {
  readonly #db: Database
  readonly #read: Query<{ alive_until: number }>
  readonly #beat: Query<never>
  readonly #leave: Query<never>
  readonly #removeDead: Query<never>

  constructor (db: Database) {
    this.#db = db
    this.#read = db.prepare('SELECT alive_until FROM nodes WHERE id = ?')
    this.#beat = db.prepare('INSERT OR REPLACE INTO nodes VALUES (?, ?)')
    this.#leave = db.prepare('DELETE FROM nodes WHERE id = ?')
    this.#removeDead = db.prepare('DELETE FROM nodes WHERE alive_until <= ?')
  }

  async beat (node: string, ttlMs: number): Promise<void> {
    const until = Date.now() + ttlMs
    await this.#db.write(() => this.#beat.run(node, until), true)
  }

  async leave (node: string): Promise<void> {
    await this.#db.write(() => this.#leave.run(node), true)
  }

  alive (node: string): boolean {
    this.#db.version()
    return (this.#read.get(node)?.alive_until ?? 0) > Date.now()
  }

  async sweep (): Promise<void> {
    await this.#db.write(() => this.#removeDead.run(Date.now()), true)
  }
}
