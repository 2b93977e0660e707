import type { JsonObject } from '@mcp/protocol'
import { MCP_STORAGE_FULL } from './errors.ts'
import type { MemoryBudget } from './memory-budget.ts'
import type { CreateOutcome, SessionCaps, SessionRecord, SessionStore } from './contract.ts'

/** What a session takes beside its handshake and state. An estimate. */
const RECORD_BYTES = 512

const NO_STATE: JsonObject = Object.freeze({})

export interface MemorySessionHooks {
  onCreated (id: string): void
  onRemoved (id: string): void
}

/** Sessions in a map. Records are handed out frozen and without a copy; a change replaces the record. */
export class MemorySessions implements SessionStore {
  readonly #records = new Map<string, SessionRecord>()
  readonly #bytes = new Map<string, number>()
  readonly #perOwner = new Map<string, number>()
  readonly #budget: MemoryBudget
  readonly #hooks: MemorySessionHooks
  // No record expires before this moment, so most sweeps need not look at any.
  #nextExpiry = Infinity

  constructor (budget: MemoryBudget, hooks: MemorySessionHooks) {
    this.#budget = budget
    this.#hooks = hooks
  }

  create (record: SessionRecord, caps: SessionCaps): CreateOutcome {
    this.delete(record.id)
    const { principalKey } = record
    const owner = ownerOf(record)
    const bytes = RECORD_BYTES + sizeOf(record.handshake) + sizeOf(record.state)
    if (this.#records.size >= caps.total) this.sweep()
    if (this.#records.size >= caps.total) return 'total-reached'
    if (owner !== '' && this.#countOf(owner) >= caps.perPrincipal) {
      this.sweep()
      if (this.#countOf(owner) >= caps.perPrincipal) return 'principal-reached'
    }
    const fit = this.#reserve(owner, bytes)
    if (fit !== 'fits') return fit === 'full' ? 'total-reached' : 'principal-reached'
    if (owner !== '') this.#perOwner.set(owner, this.#countOf(owner) + 1)
    this.#charge(record.id, owner, bytes)
    this.#put({
      id: record.id,
      endpoint: record.endpoint,
      revision: record.revision,
      principalKey,
      ...(record.owner === undefined ? {} : { owner }),
      handshake: frozenCopy(record.handshake),
      createdAt: record.createdAt,
      expiresAt: record.expiresAt,
      state: Object.keys(record.state).length === 0 ? NO_STATE : frozenCopy(record.state)
    })
    this.#hooks.onCreated(record.id)
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
    const [owner, bytes] = [ownerOf(record), sizeOf(state) - sizeOf(record.state)]
    const fit = this.#reserve(owner, bytes)
    if (fit !== 'fits') throw new MCP_STORAGE_FULL(fit === 'full' ? 'budget.bytes' : 'budget.bytesPerOwner')
    this.#charge(id, owner, bytes)
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

  countNow (): number {
    return this.count()
  }

  /** Who pays for a session, be it expired or not; `undefined` where none is held. */
  ownerOf (id: string): string | undefined {
    const record = this.#records.get(id)
    return record && ownerOf(record)
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
    this.#perOwner.clear()
    this.#bytes.clear()
  }

  #countOf (owner: string): number {
    return this.#perOwner.get(owner) ?? 0
  }

  /** Sessions that have expired make room before anything is rejected. */
  #reserve (owner: string, bytes: number): ReturnType<MemoryBudget['reserve']> {
    const fit = this.#budget.reserve(owner, bytes)
    if (fit === 'fits') return fit
    this.sweep()
    return this.#budget.reserve(owner, bytes)
  }

  #charge (id: string, owner: string, bytes: number): void {
    this.#bytes.set(id, (this.#bytes.get(id) ?? 0) + bytes)
    this.#budget.add(owner, bytes)
  }

  #put (record: SessionRecord): void {
    this.#records.set(record.id, Object.freeze(record))
    if (record.expiresAt < this.#nextExpiry) this.#nextExpiry = record.expiresAt
  }

  #remove (record: SessionRecord): void {
    const [id, owner] = [record.id, ownerOf(record)]
    this.#records.delete(id)
    this.#budget.add(owner, -(this.#bytes.get(id) ?? 0))
    this.#bytes.delete(id)
    if (owner !== '') {
      const count = this.#countOf(owner)
      if (count > 1) this.#perOwner.set(owner, count - 1)
      else this.#perOwner.delete(owner)
    }
    this.#hooks.onRemoved(id)
  }
}

function ownerOf ({ owner, principalKey }: SessionRecord): string {
  return owner ?? principalKey
}

function sizeOf (value: JsonObject): number {
  return JSON.stringify(value).length
}

/** The value as a storage of bytes would give it back; frozen, because it is handed to every reader. */
function frozenCopy<T extends JsonObject> (value: T): T {
  return JSON.parse(JSON.stringify(value), (_key, part) => Object.freeze(part))
}
