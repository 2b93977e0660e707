import type { JsonObject, Revision } from '@mcp/protocol'
import type { CreateOutcome, SessionCaps, SessionRecord } from '@mcp/storage'
import type { Accounts } from './accounts.ts'
import type { Database, Query } from './database.ts'

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

/** What a session takes beside its handshake and state. An estimate. */
const RECORD_BYTES = 512

/** How many expired sessions are removed at once to make room. */
const ROOM = 2_000

const OWNER = 'coalesce(owner, principal_key) AS owner'

/** The rows of sessions. All methods are for use within a transaction, except {@link row}, {@link head} and {@link countLive}. */
export class SessionTable {
  readonly #accounts: Accounts
  readonly #onCreated: (session: string, owner: string) => void
  readonly #onRemoved: (session: string) => void
  readonly #row: Query<SessionRow>
  readonly #head: Query<{ stamp: number, expires_at: number }>
  readonly #cost: Query<StoredCost>
  readonly #state: Query<StoredCost & { readonly state: string }>
  readonly #expired: Query<{ id: string }>
  readonly #countExpired: Query<{ expired: number }>
  readonly #insert: Query<never>
  readonly #touch: Query<never>
  readonly #setState: Query<never>
  readonly #delete: Query<never>

  constructor (db: Database, accounts: Accounts, onCreated: (session: string, owner: string) => void, onRemoved: (session: string) => void) {
    this.#accounts = accounts
    this.#onCreated = onCreated
    this.#onRemoved = onRemoved
    this.#row = db.prepare('SELECT * FROM sessions WHERE id = ?')
    this.#head = db.prepare('SELECT stamp, expires_at FROM sessions WHERE id = ?')
    this.#cost = db.prepare(`SELECT ${OWNER}, bytes FROM sessions WHERE id = ?`)
    this.#state = db.prepare(`SELECT ${OWNER}, bytes, state FROM sessions WHERE id = ? AND expires_at > ?`)
    this.#expired = db.prepare('SELECT id FROM sessions WHERE expires_at <= ? ORDER BY expires_at LIMIT ?')
    this.#countExpired = db.prepare('SELECT count(*) AS expired FROM sessions WHERE expires_at <= ?')
    this.#insert = db.prepare('INSERT INTO sessions VALUES (?, random() / 1048576.0, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
    this.#touch = db.prepare('UPDATE sessions SET expires_at = ? WHERE id = ? AND expires_at > ?')
    this.#setState = db.prepare('UPDATE sessions SET state = ?, bytes = ?, stamp = random() / 1048576.0 WHERE id = ?')
    this.#delete = db.prepare('DELETE FROM sessions WHERE id = ?')
  }

  row (id: string): SessionRow | undefined {
    return this.#row.get(id)
  }

  /** The part that changes often. */
  head (id: string): { readonly stamp: number, readonly expires_at: number } | undefined {
    return this.#head.get(id)
  }

  /** How many sessions have not expired. */
  countLive (now: number): number {
    return this.#accounts.total() - (this.#countExpired.get(now)?.expired ?? 0)
  }

  /** Who pays for a session, expired or not; `undefined` where it is not stored. */
  ownerOf (id: string): string | undefined {
    return this.#cost.get(id)?.owner
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
    this.#insert.run(id, expiresAt, createdAt, endpoint, revision, principalKey, record.owner ?? null, handshake, state, bytes)
    this.#accounts.add(owner, 1, bytes)
    this.#onCreated(id, owner)
    return 'created'
  }

  touch (id: string, expiresAt: number, now: number): void {
    this.#touch.run(expiresAt, id, now)
  }

  /** @throws `MCP_STORAGE_FULL` */
  changeState (id: string, change: (state: JsonObject) => JsonObject, now: number): void {
    const found = this.#state.get(id, now)
    if (found === undefined) return
    const state = JSON.stringify(change(JSON.parse(found.state)))
    const difference = state.length - found.state.length
    this.#accounts.assertFits(found.owner, difference)
    this.#setState.run(state, found.bytes + difference, id)
    this.#accounts.add(found.owner, 0, difference)
  }

  /** Whether it was stored, expired or not. */
  remove (id: string): boolean {
    const found = this.#cost.get(id)
    if (found === undefined) return false
    this.#delete.run(id)
    this.#accounts.add(found.owner, -1, -found.bytes)
    this.#onRemoved(id)
    return true
  }

  /** Removes up to `limit` expired sessions. Returns whether there may be more. */
  expire (now: number, limit = ROOM): boolean {
    const expired = this.#expired.all(now, limit)
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
