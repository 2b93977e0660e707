import { deepFreeze, RecordCache } from './record-cache.ts'
import { newSession } from './session-table.ts'
import type { JsonObject } from '@mcp/protocol'
import type { CreateOutcome, SessionCaps, SessionRecord, SessionStore } from '@mcp/storage'
import type { Database } from './database.ts'
import type { CachedRecord } from './record-cache.ts'
import type { SessionRow, SessionTable } from './session-table.ts'

/** Enough for the sessions that a process serves at the same time. */
const CACHED_RECORDS = 1_000

/** How many sessions one transaction removes: other processes wait for it. */
const SWEEP_STEP = 500

/** Sessions in the file. `read` and `count` return plain values and see what every process has committed. */
export class SqliteSessions implements SessionStore {
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
    return this.#change(record.id, () => this.#table.create(session, { total, perPrincipal }, Date.now()))
  }

  /** While no process writes, a cached session costs one look at the version of the file. */
  read (id: string): SessionRecord | undefined {
    const version = this.#db.version()
    let cached = this.#cache.get(id)
    if (cached?.version !== version) cached = this.#look(id, cached, version)
    if (cached !== undefined && cached.record.expiresAt > Date.now()) return cached.record
    this.#cache.delete(id)
    return undefined
  }

  touch (id: string, expiresAt: number): Promise<void> {
    return this.#change(id, () => this.#table.touch(id, expiresAt, Date.now()))
  }

  patchState (id: string, patch: JsonObject): Promise<void> {
    const removed = Object.keys(patch).filter(key => patch[key] === undefined)
    const json = JSON.stringify(patch)
    return this.#change(id, () => this.#table.changeState(id, state => {
      const merged: JsonObject = { ...state, ...JSON.parse(json) }
      for (const key of removed) delete merged[key]
      return merged
    }, Date.now()))
  }

  delete (id: string): Promise<boolean> {
    return this.#change(id, () => {
      const head = this.#table.head(id)
      return this.#table.remove(id) && head !== undefined && head.expires_at > Date.now()
    }, true)
  }

  count (): number {
    this.#db.version()
    return this.#table.countLive(Date.now())
  }

  countNow (): number {
    return this.count()
  }

  /** Removes expired sessions. */
  async sweep (): Promise<void> {
    while (!this.#db.closed && await this.#db.write(() => this.#table.expire(Date.now(), SWEEP_STEP), true));
  }

  #change<T> (id: string, change: () => T, essential = false): Promise<T> {
    return this.#db.write(() => {
      this.#cache.invalidate(id)
      return change()
    }, essential)
  }

  #look (id: string, cached: CachedRecord | undefined, version: number): CachedRecord | undefined {
    const record = cached === undefined ? this.#load(id) : this.#refresh(id, cached)
    if (record === undefined) return undefined
    const found = { ...record, version }
    this.#cache.set(id, found)
    return found
  }

  /** Parses again only what has changed. */
  #refresh (id: string, { record, stamp }: CachedRecord): Omit<CachedRecord, 'version'> | undefined {
    const head = this.#table.head(id)
    if (head?.stamp !== stamp) return this.#load(id)
    return { stamp, record: head.expires_at === record.expiresAt ? record : Object.freeze({ ...record, expiresAt: head.expires_at }) }
  }

  #load (id: string): Omit<CachedRecord, 'version'> | undefined {
    const row = this.#table.row(id)
    return row && { stamp: row.stamp, record: recordOf(id, row) }
  }
}

function recordOf (id: string, row: SessionRow): SessionRecord {
  return deepFreeze({
    id,
    endpoint: row.endpoint,
    revision: row.revision,
    principalKey: row.principal_key,
    ...(row.owner === null ? {} : { owner: row.owner }),
    handshake: JSON.parse(row.handshake),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    state: JSON.parse(row.state)
  })
}
