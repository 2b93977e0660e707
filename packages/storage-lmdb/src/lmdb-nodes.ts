import { allNodes, nameOf, nodeKey } from './keys.ts'
import type { NodeRegistry } from '@mcp/storage'
import type { Database } from './database.ts'

/** Which nodes are alive, by the clock of the machine they share. */
export class LmdbNodes implements NodeRegistry {
  readonly #db: Database

  constructor (db: Database) {
    this.#db = db
  }

  beat (node: string, ttlMs: number): Promise<void> {
    const key = nodeKey(nameOf(node))
    const until = Buffer.alloc(8)
    until.writeDoubleLE(Date.now() + ttlMs)
    return this.#db.write(() => this.#db.put(key, until))
  }

  leave (node: string): Promise<void> {
    const key = nodeKey(nameOf(node))
    return this.#db.write(() => this.#db.remove(key))
  }

  alive (node: string): boolean {
    this.#db.refresh()
    return this.#holds(nodeKey(nameOf(node)))
  }

  sweep (): Promise<void> {
    return this.#db.write(() => {
      for (const key of this.#db.keys(allNodes)) {
        if (!this.#holds(key)) this.#db.remove(key)
      }
    })
  }

  #holds (key: Buffer): boolean {
    return (this.#db.get(key)?.readDoubleLE(0) ?? 0) > Date.now()
  }
}
