import type { SessionRecord } from '@mcp/storage'

export interface KnownRecord {
  readonly key: Buffer
  readonly stamp: number
  readonly record: SessionRecord
}

/** Parsed sessions that were read lately, so that a busy one is not parsed for each request. Few, whatever there is. */
export class RecordCache {
  readonly #known = new Map<string, KnownRecord>()
  readonly #size: number

  constructor (size: number) {
    this.#size = size
  }

  get (id: string): KnownRecord | undefined {
    return this.#known.get(id)
  }

  set (id: string, known: KnownRecord): void {
    if (this.#known.size >= this.#size && !this.#known.has(id)) {
      for (const oldest of this.#known.keys()) {
        this.#known.delete(oldest)
        break
      }
    }
    this.#known.set(id, known)
  }

  delete (id: string): void {
    this.#known.delete(id)
  }
}

/** Freezes the value and all that is in it. */
export function deepFreeze<T> (value: T): T {
  if (typeof value !== 'object' || value === null) return value
  for (const part of Object.values(value)) deepFreeze(part)
  return Object.freeze(value)
}
