import { digestOfText, Handshakes } from './handshakes.ts'
import { decodeRest, digestOf, dueAtOf, encodeSession, expiresAtOf, withTimes } from './session-entry.ts'
import { expiredUntil, expiryKey, nameOf, principalKey, SESSION_COUNT_KEY, sessionKey, splitDueKey, wholeMs } from './keys.ts'
import type { CreateOutcome, SessionCaps, SessionRecord } from '@mcp/storage'
import type { Database } from './database.ts'
import type { Name } from './keys.ts'

const NOTHING = Buffer.of(0)

/** How many expired sessions are removed at once to make room: more than come up between two sweeps as a rule. */
const ROOM = 2000

/**
 * The sessions as they lie in the file: entries, how many there are in all and of each principal, and a queue of what
 * expires next. What changes something is for use within a change.
 *
 * The queue is lazy: a session that lives longer keeps its place and is moved on when that place comes up, so that a
 * touch writes one entry only.
 */
export class SessionTable {
  readonly handshakes: Handshakes
  readonly #db: Database
  readonly #onRemoved: (session: Name) => void

  constructor (db: Database, onRemoved: (session: Name) => void) {
    this.handshakes = new Handshakes(db)
    this.#db = db
    this.#onRemoved = onRemoved
  }

  /** The entry, expired or not, to be used before the next look into the database. */
  get (session: Name): Buffer | undefined {
    return this.#db.get(sessionKey(session))
  }

  /** The entry, unless it has expired. */
  getLive (session: Name, now: number): Buffer | undefined {
    const entry = this.get(session)
    return entry !== undefined && expiresAtOf(entry) > now ? entry : undefined
  }

  create ({ session, principal, entry, digest, handshake }: NewSession, caps: SessionCaps, now: number): CreateOutcome {
    this.remove(session)
    if (this.count() >= caps.total) this.expire(now)
    const count = this.count()
    if (count >= caps.total) return 'total-reached'
    if (principal !== '') {
      const key = principalKey(nameOf(principal))
      if (this.#counter(key) >= caps.perPrincipal) this.expire(now)
      if (this.#counter(key) >= caps.perPrincipal) return 'principal-reached'
      this.#add(key, 1)
    }
    this.#add(SESSION_COUNT_KEY, 1)
    this.handshakes.add(digest, handshake)
    this.#db.put(expiryKey(dueAtOf(entry), session), NOTHING)
    this.#db.put(sessionKey(session), entry)
    return 'created'
  }

  touch (session: Name, expiresAt: number, now: number): void {
    const entry = this.getLive(session, now)
    if (entry !== undefined) this.#putTimes(session, entry, expiresAt, Math.min(dueAtOf(entry), wholeMs(expiresAt)))
  }

  /** Replaces what `change` answers for the state. */
  changeState (session: Name, change: (state: SessionRecord['state']) => SessionRecord['state'], now: number): void {
    const entry = this.getLive(session, now)
    if (entry === undefined) return
    const [expiresAt, dueAt, digest, rest] = [expiresAtOf(entry), dueAtOf(entry), digestOf(entry), decodeRest(entry)]
    this.#db.put(sessionKey(session), encodeSession({ expiresAt, dueAt, digest, rest: { ...rest, state: change(rest.state) } }))
  }

  /** Whether there was one, be it expired or not. */
  remove (session: Name): boolean {
    const entry = this.get(session)
    if (entry === undefined) return false
    const [dueAt, digest, rest] = [dueAtOf(entry), digestOf(entry), decodeRest(entry)]
    const principal = rest.owner ?? rest.principalKey
    this.#db.remove(sessionKey(session))
    this.#db.remove(expiryKey(dueAt, session))
    this.#add(SESSION_COUNT_KEY, -1)
    if (principal !== '') this.#add(principalKey(nameOf(principal)), -1)
    this.handshakes.release(digest)
    this.#onRemoved(session)
    return true
  }

  count (): number {
    return this.#counter(SESSION_COUNT_KEY)
  }

  /** Whether some may have expired and still count. */
  mayHaveExpired (now: number): boolean {
    return this.#db.keys(expiredUntil(now), 1).length > 0
  }

  /** Removes up to `limit` sessions that have expired; answers whether there may be more. */
  expire (now: number, limit = ROOM): boolean {
    const due = this.#db.keys(expiredUntil(now), limit)
    for (const key of due) {
      const { session } = splitDueKey(key)
      const entry = this.getLive(session, now)
      if (entry === undefined) this.remove(session)
      else this.#putTimes(session, entry, expiresAtOf(entry), wholeMs(expiresAtOf(entry)))
    }
    return due.length >= limit
  }

  #putTimes (session: Name, entry: Buffer, expiresAt: number, dueAt: number): void {
    const before = dueAtOf(entry)
    this.#db.put(sessionKey(session), withTimes(entry, expiresAt, dueAt))
    if (dueAt === before) return
    this.#db.remove(expiryKey(before, session))
    this.#db.put(expiryKey(dueAt, session), NOTHING)
  }

  #counter (key: Buffer): number {
    return this.#db.get(key)?.readDoubleLE(0) ?? 0
  }

  #add (key: Buffer, difference: number): void {
    const value = this.#counter(key) + difference
    if (value <= 0) return this.#db.remove(key)
    const bytes = Buffer.allocUnsafe(8)
    bytes.writeDoubleLE(value)
    this.#db.put(key, bytes)
  }
}

/** What there is to write of a session, encoded before the transaction. */
export interface NewSession {
  readonly session: Name
  readonly principal: string
  readonly entry: Buffer
  readonly digest: Buffer
  readonly handshake: string
}

export function newSession (record: SessionRecord): NewSession {
  const { id, expiresAt, principalKey, owner = principalKey } = record
  const handshake = JSON.stringify(record.handshake)
  const digest = digestOfText(handshake)
  const entry = encodeSession({ expiresAt, dueAt: wholeMs(expiresAt), digest, rest: record })
  return { session: nameOf(id), principal: owner, entry, digest, handshake }
}
