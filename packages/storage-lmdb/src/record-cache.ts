import type { SessionRecord } from '@mcp/storage'

export interface KnownRecord {
  readonly key: Buffer
  readonly stamp: number
  readonly record: SessionRecord
  /** What `Database.refresh()` answered when it was read. */
  readonly commit: number
}

/**
 * Parsed sessions that were read lately, so that a busy one is not parsed for each request. Few, whatever there is: when
 * one half is full, the other is forgotten.
 */
export class RecordCache {
  readonly #half: number
  #young = new Map<string, KnownRecord>()
  #old = new Map<string, KnownRecord>()

  constructor (size: number) {
    this.#half = size / 2
  }

  get (id: string): KnownRecord | undefined {
    const young = this.#young.get(id)
    if (young !== undefined) return young
    const old = this.#old.get(id)
    if (old !== undefined) this.set(id, old)
    return old
  }

  set (id: string, known: KnownRecord): void {
    if (this.#young.size >= this.#half) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(id, known)
  }

  delete (id: string): void {
    this.#young.delete(id)
    this.#old.delete(id)
  }
}

/** Freezes the value and all that is in it. */
export function deepFreeze<T> (value: T): T {
  if (typeof value !== 'object' || value === null) return value
  for (const part of Object.values(value)) deepFreeze(part)
  return Object.freeze(value)
}
