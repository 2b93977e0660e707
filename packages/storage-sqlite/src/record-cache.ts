import type { SessionRecord } from '@mcp/storage'

export interface CachedRecord {
  readonly record: SessionRecord
  /** Of the content that `record` shows, except for its expiry. */
  readonly stamp: number
  /** `Database.version()` when it was read; `NaN` once this process has changed the session. */
  version: number
}

/**
 * Parsed sessions, so that a busy session is not parsed for each request. Bounded: when one half is full, the other half is dropped.
 */
export class RecordCache {
  readonly #half: number
  #young = new Map<string, CachedRecord>()
  #old = new Map<string, CachedRecord>()

  constructor (size: number) {
    this.#half = size / 2
  }

  get (id: string): CachedRecord | undefined {
    const young = this.#young.get(id)
    if (young !== undefined) return young
    const old = this.#old.get(id)
    if (old !== undefined) this.set(id, old)
    return old
  }

  set (id: string, cached: CachedRecord): void {
    if (this.#young.size >= this.#half) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(id, cached)
  }

  /** The next read looks at the file. */
  invalidate (id: string): void {
    const cached = this.#young.get(id) ?? this.#old.get(id)
    if (cached !== undefined) cached.version = NaN
  }

  delete (id: string): void {
    this.#young.delete(id)
    this.#old.delete(id)
  }
}

/** Freezes the value and everything in it. */
export function deepFreeze<T> (value: T): T {
  if (typeof value !== 'object' || value === null) return value
  for (const part of Object.values(value)) deepFreeze(part)
  return Object.freeze(value)
}
