import type { JsonObject } from '@mcp/protocol'
import type { CreateOutcome, SessionCaps, SessionRecord, SessionStore } from './contract.ts'

const NO_STATE: JsonObject = Object.freeze({})

/** Sessions in a map. Records are handed out frozen and without a copy; a change replaces the record. */
export class MemorySessions implements SessionStore {
  readonly #records = new Map<string, SessionRecord>()
  readonly #perPrincipal = new Map<string, number>()
  readonly #onRemoved: (id: string) => void
  // No record expires before this moment, so most sweeps need not look at any.
  #nextExpiry = Infinity

  constructor (onRemoved: (id: string) => void = () => {}) {
    this.#onRemoved = onRemoved
  }

  create (record: SessionRecord, caps: SessionCaps): CreateOutcome {
    this.delete(record.id)
    const { principalKey } = record
    if (this.#records.size >= caps.total) this.sweep()
    if (this.#records.size >= caps.total) return 'total-reached'
    if (principalKey !== '') {
      if (this.#countOf(principalKey) >= caps.perPrincipal) this.sweep()
      const count = this.#countOf(principalKey)
      if (count >= caps.perPrincipal) return 'principal-reached'
      this.#perPrincipal.set(principalKey, count + 1)
    }
    this.#put({
      id: record.id,
      endpoint: record.endpoint,
      revision: record.revision,
      principalKey,
      handshake: frozenCopy(record.handshake),
      createdAt: record.createdAt,
      expiresAt: record.expiresAt,
      state: Object.keys(record.state).length === 0 ? NO_STATE : frozenCopy(record.state)
    })
    return 'created'
  }

  read (id: string): SessionRecord | undefined {
    const record = this.#records.get(id)
    return record !== undefined && record.expiresAt > Date.now() ? record : undefined
  }

  touch (id: string, expiresAt: number): void {
    const record = this.read(id)
    if (record !== undefined && record.expiresAt !== expiresAt) this.#put({ ...record, expiresAt })
  }

  patchState (id: string, patch: JsonObject): void {
    const record = this.read(id)
    if (record === undefined) return
    const state = { ...record.state, ...frozenCopy(patch) }
    for (const key of Object.keys(patch)) {
      if (patch[key] === undefined) delete state[key]
    }
    this.#put({ ...record, state: Object.freeze(state) })
  }

  delete (id: string): boolean {
    const record = this.#records.get(id)
    if (record === undefined) return false
    this.#remove(record)
    return record.expiresAt > Date.now()
  }

  count (): number {
    this.sweep()
    return this.#records.size
  }

  /** Whether a record is held, be it expired or not. */
  holds (id: string): boolean {
    return this.#records.has(id)
  }

  /** Removes expired sessions, so that their memory returns. */
  sweep (): void {
    const now = Date.now()
    if (this.#nextExpiry > now) return
    this.#nextExpiry = Infinity
    for (const record of this.#records.values()) {
      if (record.expiresAt <= now) this.#remove(record)
      else if (record.expiresAt < this.#nextExpiry) this.#nextExpiry = record.expiresAt
    }
  }

  clear (): void {
    this.#records.clear()
    this.#perPrincipal.clear()
  }

  #countOf (principalKey: string): number {
    return this.#perPrincipal.get(principalKey) ?? 0
  }

  #put (record: SessionRecord): void {
    this.#records.set(record.id, Object.freeze(record))
    if (record.expiresAt < this.#nextExpiry) this.#nextExpiry = record.expiresAt
  }

  #remove ({ id, principalKey }: SessionRecord): void {
    this.#records.delete(id)
    if (principalKey !== '') {
      const count = this.#countOf(principalKey)
      if (count > 1) this.#perPrincipal.set(principalKey, count - 1)
      else this.#perPrincipal.delete(principalKey)
    }
    this.#onRemoved(id)
  }
}

/** The value as a storage of bytes would give it back; frozen, because it is handed to every reader. */
function frozenCopy<T extends JsonObject> (value: T): T {
  return JSON.parse(JSON.stringify(value), (_key, part) => Object.freeze(part))
}
