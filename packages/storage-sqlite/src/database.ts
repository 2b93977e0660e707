import { MCP_SQLITE_CLOSED, MCP_SQLITE_FAILED, MCP_SQLITE_FULL } from './errors.ts'
import { codedError, isBusy, isFull, isSqliteError } from './sqlite-error.ts'
import type { SqliteConnection, SqlValue, Statement } from './driver.ts'
import type { Reserve } from './reserve.ts'

interface Change {
  readonly run: () => unknown
  readonly essential: boolean
  readonly deadline: number
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

/** The result of a change, or the error with which it rejected the request before it wrote anything. */
type Outcome = { readonly value: unknown } | { readonly rejection: Error }

/** A prepared statement whose rows have the shape `Row`. */
export interface Query<Row> {
  get (...values: readonly SqlValue[]): Row | undefined
  all (...values: readonly SqlValue[]): Row[]
  run (...values: readonly SqlValue[]): number
}

/** What takes part in every transaction. */
export interface TransactionObserver {
  beforeCommit (): void
  /** After the commit, or after the rollback. */
  afterTransaction (): void
}

/** How long a change waits for the lock that other processes hold. */
const LOCK_WAIT_MS = 10_000
/** A blocked event loop serves no request, so a contended lock is tried again later instead of waited for. */
const BUSY_WAIT_MS = 3
/** Unused pages that one sweep returns to the file system: other processes wait for it. */
const VACUUM_PAGES = 1_000

/**
 * One connection to the file. Changes requested in one turn of the event loop become one transaction, committed at the end of the turn.
 * A committed transaction survives the death of this process.
 */
export class Database {
  /** Path of the file, for messages. */
  readonly file: string
  readonly #connection: SqliteConnection
  readonly #reserve: Reserve
  readonly #dataVersion: Statement
  readonly #begin: Statement
  readonly #commit: Statement
  readonly #rollback: Statement
  readonly #observers: TransactionObserver[] = []
  #waiting: Change[] = []
  #scheduled: (() => void) | undefined
  #closing: Promise<void> | undefined

  constructor (file: string, connection: SqliteConnection, reserve: Reserve) {
    this.file = file
    this.#connection = connection
    this.#reserve = reserve
    this.#dataVersion = connection.prepare('PRAGMA data_version')
    this.#begin = connection.prepare('BEGIN IMMEDIATE')
    this.#commit = connection.prepare('COMMIT')
    this.#rollback = connection.prepare('ROLLBACK')
  }

  get closed (): boolean {
    return this.#closing !== undefined
  }

  observe (observer: TransactionObserver): void {
    this.#observers.push(observer)
  }

  /**
   * A number that changes when another connection has committed. Reads begin with it.
   *
   * @throws `MCP_SQLITE_CLOSED`
   */
  version (): number {
    if (this.closed) throw new MCP_SQLITE_CLOSED(this.file)
    try {
      return (this.#dataVersion.get() as { data_version: number }).data_version
    } catch (error) {
      throw codedError(this.file, error)
    }
  }

  prepare<Row = unknown> (sql: string): Query<Row> {
    const statement = this.#guard(() => this.#connection.prepare(sql))
    return {
      get: (...values) => this.#guard(() => statement.get(...values) as Row | undefined),
      all: (...values) => this.#guard(() => statement.all(...values) as Row[]),
      run: (...values) => this.#guard(() => Number(statement.run(...values).changes))
    }
  }

  /**
   * Runs `change` at the end of this turn, after earlier ones. Resolves with its result once the commit survives the process; rejects when
   * nothing of it was kept. A change may throw an error of its own before it writes; that does not concern the others.
   *
   * @param essential The change frees space, or keeps this node alive: on a full disk it may use the reserve.
   */
  write<T> (change: () => T, essential = false): Promise<T> {
    if (this.closed) return Promise.reject(new MCP_SQLITE_CLOSED(this.file))
    return new Promise((resolve, reject) => {
      const deadline = performance.now() + LOCK_WAIT_MS
      this.#waiting.push({ run: change, essential, deadline, resolve: value => resolve(value as T), reject })
      if (this.#scheduled !== undefined) return
      const immediate = setImmediate(() => this.#commitWaiting())
      this.#scheduled = () => clearImmediate(immediate)
    })
  }

  /** Runs `change` at once, for use before the first request. Waits for the lock as long as a request would. */
  enter (change: () => unknown): void {
    this.#connection.exec(`PRAGMA busy_timeout = ${LOCK_WAIT_MS}`)
    try {
      this.#transaction([{ run: change, essential: true, deadline: Infinity, resolve: () => {}, reject: () => {} }])
    } catch (error) {
      throw codedError(this.file, causeOf(error))
    } finally {
      this.#connection.exec(`PRAGMA busy_timeout = ${BUSY_WAIT_MS}`)
    }
  }

  /** Copies the write-ahead log into the file and returns unused pages, as far as nobody else is reading. */
  tidy (): void {
    if (this.closed) return
    try {
      this.#connection.exec(`PRAGMA incremental_vacuum(${VACUUM_PAGES})`)
    } catch (error) {
      if (!isBusy(error) && !isFull(error)) throw codedError(this.file, error)
    }
    this.#checkpoint('PASSIVE')
    this.#reserve.claim()
  }

  /** Commits what waits, then closes. What cannot be committed is rejected. */
  close (): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close (): Promise<void> {
    this.#commitWaiting()
    while (this.#waiting.length > 0) await new Promise(resolve => setTimeout(resolve, 5))
    this.#checkpoint('TRUNCATE')
    this.#connection.close()
  }

  /** Copies the write-ahead log into the file, as far as other connections and the disk permit. */
  #checkpoint (mode: 'PASSIVE' | 'TRUNCATE'): void {
    try {
      this.#connection.exec(`PRAGMA wal_checkpoint(${mode})`)
    } catch (error) {
      if (!isSqliteError(error)) throw error
    }
  }

  #commitWaiting (): void {
    this.#scheduled?.()
    this.#scheduled = undefined
    const changes = this.#waiting
    this.#waiting = []
    if (changes.length > 0) this.#attempt(changes)
  }

  #attempt (changes: readonly Change[]): void {
    const allowed = this.#reserve.claim() ? changes : this.#essentialOf(changes)
    if (allowed.length > 0) this.#run(allowed)
  }

  #run (changes: readonly Change[]): void {
    let outcomes: Outcome[]
    try {
      outcomes = this.#transaction(changes)
    } catch (error) {
      return this.#recover(changes, causeOf(error))
    }
    changes.forEach((change, index) => settle(change, outcomes[index]))
  }

  /** While the disk is full, ordinary changes must not use up what the reserve has freed. */
  #essentialOf (changes: readonly Change[]): readonly Change[] {
    for (const change of changes) {
      if (!change.essential) change.reject(new MCP_SQLITE_FULL(this.file))
    }
    return changes.filter(change => change.essential)
  }

  #transaction (changes: readonly Change[]): Outcome[] {
    this.#begin.run()
    try {
      const outcomes = changes.map(change => outcomeOf(change))
      for (const observer of this.#observers) observer.beforeCommit()
      this.#commit.run()
      return outcomes
    } catch (error) {
      this.#abort()
      throw error
    } finally {
      for (const observer of this.#observers) observer.afterTransaction()
    }
  }

  /** SQLite has rolled back by itself after some errors. */
  #abort (): void {
    try {
      this.#rollback.run()
    } catch (error) {
      if (!isSqliteError(error)) throw error
    }
  }

  /** One change that cannot be made does not take the others along, and changes keep their order. */
  #recover (changes: readonly Change[], error: unknown): void {
    if (isBusy(error)) return this.#postpone(changes)
    if (changes.length > 1) {
      for (const [index, change] of changes.entries()) {
        this.#run([change])
        // The lock went to another process: a later change must not overtake the one that waits for it.
        if (this.#waiting.length > 0) return this.#postpone(changes.slice(index + 1))
      }
      return
    }
    const [change] = changes
    if (change === undefined) return
    if (isFull(error)) {
      const held = this.#reserve.check()
      if (change.essential && held) {
        this.#reserve.release()
        return this.#run(changes)
      }
    }
    change.reject(codedError(this.file, error))
  }

  #postpone (changes: readonly Change[]): void {
    const now = performance.now()
    const patient = changes.filter(change => change.deadline > now)
    for (const change of changes) {
      if (change.deadline <= now) change.reject(new MCP_SQLITE_FAILED(this.file, 'another process holds the lock'))
    }
    this.#waiting.push(...patient)
    this.#scheduled?.()
    const timer = setTimeout(() => this.#commitWaiting(), 1 + Math.random() * 8)
    this.#scheduled = () => clearTimeout(timer)
  }

  #guard<T> (action: () => T): T {
    try {
      return action()
    } catch (error) {
      throw codedError(this.file, error)
    }
  }
}

function outcomeOf (change: Change): Outcome {
  try {
    return { value: change.run() }
  } catch (error) {
    if (isSqliteError(causeOf(error)) || !(error instanceof Error)) throw error
    return { rejection: error }
  }
}

function settle (change: Change, outcome: Outcome | undefined): void {
  if (outcome === undefined) return
  if ('rejection' in outcome) change.reject(outcome.rejection)
  else change.resolve(outcome.value)
}

/** Statements throw coded errors; the codes of SQLite are in the cause. */
function causeOf (error: unknown): unknown {
  return error instanceof Error && isSqliteError(error.cause) ? error.cause : error
}
