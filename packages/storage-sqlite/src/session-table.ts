import type { JsonObject, Revision } from '@mcp/protocol'
import type { CreateOutcome, SessionCaps, SessionRecord } from '@mcp/storage'
import type { Accounts } from './accounts.ts'
import type { Database } from './database.ts'

export interface SessionRow {
  readonly stamp: number
  readonly expires_at: number
  readonly created_at: number
  readonly endpoint: string
  readonly revision: Revision
  readonly principal_key: string
  readonly owner: string | null
  readonly handshake: string
  readonly state: string
}

interface StoredCost {
  readonly owner: string
  readonly bytes: number
}

/** A session as it is written. */
export interface NewSession {
  readonly record: SessionRecord
  readonly owner: string
  readonly handshake: string
  readonly state: string
  readonly bytes: number
}

/** The events of sessions. */
interface SessionLogs {
  adopt (session: string, owner: string): void
  remove (session: string): void
}

/** What a session takes beside its handshake and state. An estimate. */
const RECORD_BYTES = 512

/** How many expired sessions are removed at once to make room. */
const ROOM = 2_000

const OWNER = 'coalesce(owner, principal_key) AS owner'

const statementsOf = (db: Database) => ({
  row: db.prepare<SessionRow>('SELECT * FROM sessions WHERE id = ?'),
  head: db.prepare<{ stamp: number, expires_at: number }>('SELECT stamp, expires_at FROM sessions WHERE id = ?'),
  cost: db.prepare<StoredCost>(`SELECT ${OWNER}, bytes FROM sessions WHERE id = ?`),
  state: db.prepare<StoredCost & { readonly state: string }>(`SELECT ${OWNER}, bytes, state FROM sessions WHERE id = ? AND expires_at > ?`),
  expired: db.prepare<{ id: string }>('SELECT id FROM sessions WHERE expires_at <= ? ORDER BY expires_at LIMIT ?'),
  countExpired: db.prepare<{ expired: number }>('SELECT count(*) AS expired FROM sessions WHERE expires_at <= ?'),
  insert: db.prepare('INSERT INTO sessions VALUES (?, random() / 1048576.0, ?, ?, ?, ?, ?, ?, ?, ?, ?)'),
  touch: db.prepare('UPDATE sessions SET expires_at = ? WHERE id = ? AND expires_at > ?'),
  setState: db.prepare('UPDATE sessions SET state = ?, bytes = ?, stamp = random() / 1048576.0 WHERE id = ?'),
  delete: db.prepare('DELETE FROM sessions WHERE id = ?')
})

/** The rows of sessions. All methods are for use within a transaction, except {@link row}, {@link head} and {@link countLive}. */
export class SessionTable {
  readonly #sql: ReturnType<typeof statementsOf>
  readonly #accounts: Accounts
  readonly #logs: SessionLogs

  constructor (db: Database, accounts: Accounts, logs: SessionLogs) {
    this.#accounts = accounts
    this.#logs = logs
    this.#sql = statementsOf(db)
  }

  row (id: string): SessionRow | undefined {
    return this.#sql.row.get(id)
  }

  /** The part that changes often. */
  head (id: string): { readonly stamp: number, readonly expires_at: number } | undefined {
    return this.#sql.head.get(id)
  }

  /** How many sessions have not expired. */
  countLive (now: number): number {
    return this.#accounts.total() - (this.#sql.countExpired.get(now)?.expired ?? 0)
  }

  /** Who pays for a session, expired or not; `undefined` where it is not stored. */
  ownerOf (id: string): string | undefined {
    return this.#sql.cost.get(id)?.owner
  }

  create ({ record, owner, handshake, state, bytes }: NewSession, caps: SessionCaps, now: number): CreateOutcome {
    this.remove(record.id)
    if (this.#accounts.sessions >= caps.total) this.expire(now)
    if (this.#accounts.sessions >= caps.total) return 'total-reached'
    if (owner !== '') {
      if (this.#accounts.sessionsOf(owner) >= caps.perPrincipal) this.expire(now)
      if (this.#accounts.sessionsOf(owner) >= caps.perPrincipal) return 'principal-reached'
    }
    const fit = this.#accounts.reserve(owner, bytes)
    if (fit !== 'fits') return fit === 'full' ? 'total-reached' : 'principal-reached'
    const { id, expiresAt, createdAt, endpoint, revision, principalKey } = record
    this.#sql.insert.run(id, expiresAt, createdAt, endpoint, revision, principalKey, record.owner ?? null, handshake, state, bytes)
    this.#accounts.add(owner, 1, bytes)
    this.#logs.adopt(id, owner)
    return 'created'
  }

  touch (id: string, expiresAt: number, now: number): void {
    this.#sql.touch.run(expiresAt, id, now)
  }

  /** @throws `MCP_STORAGE_FULL` */
  changeState (id: string, change: (state: JsonObject) => JsonObject, now: number): void {
    const found = this.#sql.state.get(id, now)
    if (found === undefined) return
    const state = JSON.stringify(change(JSON.parse(found.state)))
    const difference = state.length - found.state.length
    this.#accounts.assertFits(found.owner, difference)
    this.#sql.setState.run(state, found.bytes + difference, id)
    this.#accounts.add(found.owner, 0, difference)
  }

  /** Whether it was stored, expired or not. */
  remove (id: string): boolean {
    const found = this.#sql.cost.get(id)
    if (found === undefined) return false
    this.#sql.delete.run(id)
    this.#accounts.add(found.owner, -1, -found.bytes)
    this.#logs.remove(id)
    return true
  }

  /** Removes up to `limit` expired sessions. Returns whether there may be more. */
  expire (now: number, limit = ROOM): boolean {
    const expired = this.#sql.expired.all(now, limit)
    for (const { id } of expired) this.remove(id)
    return expired.length >= limit
  }
}

/** Serialized at once, so that later changes of the caller's objects have no effect. */
export function newSession (record: SessionRecord): NewSession {
  const [handshake, state] = [JSON.stringify(record.handshake), JSON.stringify(record.state)]
  const bytes = RECORD_BYTES + handshake.length + state.length
  return { record: { ...record }, owner: record.owner ?? record.principalKey, handshake, state, bytes }
}
