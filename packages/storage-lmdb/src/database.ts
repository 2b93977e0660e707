import { MCP_LMDB_CLOSED, MCP_LMDB_CORRUPTED, MCP_LMDB_FAILED } from './errors.ts'
import type { RootDatabase } from 'lmdb'
import type { KeyRange } from './keys.ts'
import type { LastCommit } from './last-commit.ts'

interface Change {
  readonly run: () => unknown
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

export interface Entry {
  readonly key: Buffer
  readonly value: Buffer
}

/** LMDB's own codes for a file whose pages make no sense: MDB_CORRUPTED, MDB_PAGE_NOTFOUND. */
const DAMAGE = new Set<unknown>([-30796, -30797])

/**
 * One open file. Changes asked for in one turn of the event loop become one transaction, committed synchronously at the
 * end of the turn: its pages are then in the hands of the operating system, where the death of this process does not
 * reach them. No thread is involved, so a change sees all changes made before it.
 */
export class Database {
  /** Path of the data file, for messages. */
  readonly file: string
  readonly #lmdb: RootDatabase<Buffer, Buffer>
  readonly #lastCommit: LastCommit
  #waiting: Change[] = []
  #scheduled: NodeJS.Immediate | undefined
  #closing: Promise<void> | undefined

  constructor (file: string, lmdb: RootDatabase<Buffer, Buffer>, lastCommit: LastCommit) {
    this.file = file
    this.#lmdb = lmdb
    this.#lastCommit = lastCommit
  }

  get closed (): boolean {
    return this.#closing !== undefined
  }

  /**
   * Lets reads outside of changes see all that any process has written until now. Answers a number that stays the same until somebody
   * writes; where it still is `seen`, there is nothing new to read. `NaN`, which equals nothing: read, and do not rely on it.
   */
  refresh (seen = NaN): number {
    if (this.closed) throw new MCP_LMDB_CLOSED(this.file)
    const commit = this.#guard(() => this.#lastCommit.show(this.#lmdb, seen))
    if (commit !== seen) this.#lmdb.resetReadTxn()
    return commit
  }

  /** The value, to be used before the next call: its memory is written over by that. */
  get (key: Buffer): Buffer | undefined {
    const bytes = this.#guard(() => this.#lmdb.getBinaryFast(key))
    // Its `length` is not that of the memory it stands for, which some methods of Buffer go by.
    return bytes?.subarray(0, bytes.length)
  }

  has (key: Buffer): boolean {
    return this.get(key) !== undefined
  }

  keys (range: KeyRange, limit = Infinity): Buffer[] {
    return this.#guard(() => Array.from(this.#lmdb.getKeys({ ...range, ...limited(limit) })))
  }

  /** Values are copies. May be left early; must not be kept over a turn of the event loop, nor over changes. */
  * entries (range: KeyRange): Generator<Entry> {
    try {
      yield * this.#lmdb.getRange({ ...range })
    } catch (error) {
      throw this.#coded(error)
    }
  }

  /** Within a change only. */
  put (key: Buffer, value: Buffer): void {
    this.#lmdb.putSync(key, value)
  }

  /** Within a change only. */
  remove (key: Buffer): void {
    this.#lmdb.removeSync(key)
  }

  /**
   * Runs `change` at the end of this turn, after those asked for before. Resolves with what it returned once it survives
   * the process; rejects when nothing of it was kept.
   */
  write<T> (change: () => T): Promise<T> {
    if (this.closed) return Promise.reject(new MCP_LMDB_CLOSED(this.file))
    return new Promise((resolve, reject) => {
      this.#waiting.push({ run: change, resolve: value => resolve(value as T), reject })
      this.#scheduled ??= setImmediate(() => this.#commit())
    })
  }

  /** Runs `change` at once, before those that wait for the end of the turn. */
  writeNow<T> (change: () => T): T {
    if (this.closed) throw new MCP_LMDB_CLOSED(this.file)
    return this.#guard(() => this.#lastCommit.transaction(this.#lmdb, change))
  }

  /** Whether changes wait for the end of the turn. */
  get busy (): boolean {
    return this.#waiting.length > 0
  }

  /** Frees what dead processes left in the table of readers, so that the pages they were reading can be used again. */
  forgetDeadReaders (): void {
    this.#lmdb.readerCheck()
  }

  /** Commits what waits, then closes. */
  close (): Promise<void> {
    if (this.#closing === undefined) {
      this.#commit()
      this.#lastCommit.close()
      this.#closing = this.#lmdb.close()
    }
    return this.#closing
  }

  #commit (): void {
    clearImmediate(this.#scheduled)
    this.#scheduled = undefined
    const changes = this.#waiting
    this.#waiting = []
    if (changes.length > 0) this.#commitAll(changes)
  }

  #commitAll (changes: readonly Change[]): void {
    try {
      const results = this.writeNow(() => changes.map(change => change.run()))
      changes.forEach((change, index) => change.resolve(results[index]))
    } catch (error) {
      // One that cannot be made must not take the others along.
      if (changes.length > 1) for (const change of changes) this.#commitAll([change])
      else changes[0]?.reject(error instanceof Error ? error : new Error(String(error)))
    }
  }

  #guard<T> (action: () => T): T {
    try {
      return action()
    } catch (error) {
      throw this.#coded(error)
    }
  }

  /** LMDB's errors have a number for a code; others pass. */
  #coded (error: unknown): unknown {
    if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'number') return error
    const Coded = DAMAGE.has(error.code) ? MCP_LMDB_CORRUPTED : MCP_LMDB_FAILED
    return Object.assign(new Coded(this.file, error.message), { cause: error })
  }
}

function limited (limit: number): { limit?: number } {
  return limit === Infinity ? {} : { limit }
}
