import { createHash } from 'node:crypto'
import { handshakeKey } from './keys.ts'
import type { InitializeParams } from '@mcp/protocol'
import type { Database } from './database.ts'

const COUNT = 0
const JSON_TEXT = 8

/**
 * Handshakes, each of them once: a hundred thousand sessions are opened by a handful of different clients, and the
 * handshake is the larger part of a session.
 */
export class Handshakes {
  readonly #db: Database

  constructor (db: Database) {
    this.#db = db
  }

  get (digest: Buffer): InitializeParams | undefined {
    const json = this.#db.get(handshakeKey(digest))?.toString('utf8', JSON_TEXT)
    return json === undefined ? undefined : JSON.parse(json)
  }

  /** One more session has it. Within a change. */
  add (digest: Buffer, json: string): void {
    const entry = Buffer.allocUnsafe(JSON_TEXT + Buffer.byteLength(json))
    const count = this.#db.get(handshakeKey(digest))?.readDoubleLE(COUNT) ?? 0
    entry.writeDoubleLE(count + 1, COUNT)
    entry.write(json, JSON_TEXT)
    this.#db.put(handshakeKey(digest), entry)
  }

  /** One session less has it; it goes with the last. Within a change. */
  release (digest: Buffer): void {
    const key = handshakeKey(digest)
    const found = this.#db.get(key)
    if (found === undefined) return
    const entry = Buffer.from(found)
    const count = entry.readDoubleLE(COUNT)
    if (count <= 1) return this.#db.remove(key)
    entry.writeDoubleLE(count - 1, COUNT)
    this.#db.put(key, entry)
  }
}

/** Names a handshake. */
export function digestOfText (json: string): Buffer {
  return createHash('sha256').update(json).digest().subarray(0, 16)
}
