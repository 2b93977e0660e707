import { nameOf, sessionKey } from './keys.ts'
import { deepFreeze, RecordCache } from './record-cache.ts'
import { decodeRest, digestOf, expiresAtOf, stampOf } from './session-entry.ts'
import { newSession } from './session-table.ts'
import type { JsonObject } from '@mcp/protocol'
import type { CreateOutcome, SessionCaps, SessionRecord, SessionStore } from '@mcp/storage'
import type { Database } from './database.ts'
import type { KnownRecord } from './record-cache.ts'
import type { SessionTable } from './session-table.ts'

/** Enough for what a process serves at the same time. */
const CACHED_RECORDS = 1000

/** How many are removed in one transaction, which keeps other processes from writing meanwhile. */
const SWEEP_STEP = 500

/** Sessions in the file. `read` and `count` answer at once, with what every process has written until now. */
export class LmdbSessions implements SessionStore {
  readonly #db: Database
  readonly #table: SessionTable
  readonly #cache = new RecordCache(CACHED_RECORDS)

  constructor (db: Database, table: SessionTable) {
    this.#db = db
    this.#table = table
  }

  create (record: SessionRecord, caps: SessionCaps): Promise<CreateOutcome> {
    const session = newSession(record)
    const { total, perPrincipal } = caps
    return this.#db.write(() => this.#table.create(session, { total, perPrincipal }, Date.now()))
  }

  /** One look at the number of the last commit, as long as nobody writes; else at the entry, which is parsed when its content changed. */
  read (id: string): SessionRecord | undefined {
    const known = this.#cache.get(id)
    const commit = this.#db.refresh(known?.commit)
    const current = known?.commit === commit ? known : this.#look(id, known, commit)
    if (current !== undefined && current.record.expiresAt > Date.now()) return current.record
    this.#cache.delete(id)
    return undefined
  }

  touch (id: string, expiresAt: number): Promise<void> {
    const session = nameOf(id)
    return this.#db.write(() => this.#table.touch(session, expiresAt, Date.now()))
  }

  patchState (id: string, patch: JsonObject): Promise<void> {
    const session = nameOf(id)
    const removed = Object.keys(patch).filter(key => patch[key] === undefined)
    const json = JSON.stringify(patch)
    return this.#db.write(() => this.#table.changeState(session, state => {
      const merged: JsonObject = { ...state, ...JSON.parse(json) }
      for (const key of removed) delete merged[key]
      return merged
    }, Date.now()))
  }

  delete (id: string): Promise<boolean> {
    const session = nameOf(id)
    return this.#db.write(() => {
      const live = this.#table.getLive(session, Date.now()) !== undefined
      return this.#table.remove(session) && live
    })
  }

  count (): number {
    this.#db.refresh()
    const now = Date.now()
    if (this.#table.mayHaveExpired(now)) this.#db.writeNow(() => this.#table.expire(now))
    return this.#table.count()
  }

  countNow (): number {
    return this.count()
  }

  /** Removes expired sessions, so that their place in the file can be used again. */
  async sweep (): Promise<void> {
    while (!this.#db.closed && await this.#db.write(() => this.#table.expire(Date.now(), SWEEP_STEP)));
  }

  #look (id: string, known: KnownRecord | undefined, commit: number): KnownRecord | undefined {
    const key = known?.key ?? sessionKey(nameOf(id))
    const entry = this.#db.get(key)
    if (entry === undefined) return undefined
    const [stamp, expiresAt] = [stampOf(entry), expiresAtOf(entry)]
    const record = known?.stamp !== stamp
      ? this.#decode(id, entry)
      : known.record.expiresAt === expiresAt ? known.record : Object.freeze({ ...known.record, expiresAt })
    if (record === undefined) return undefined
    const found = { key, stamp, record, commit }
    this.#cache.set(id, found)
    return found
  }

  #decode (id: string, entry: Buffer): SessionRecord | undefined {
    const [expiresAt, digest, rest] = [expiresAtOf(entry), digestOf(entry), decodeRest(entry)]
    const handshake = this.#table.handshakes.get(digest)
    return handshake && deepFreeze({ id, ...rest, handshake, expiresAt })
  }
}
