import { MCP_STORAGE_FULL } from '@mcp/storage'
import type { StorageBudget } from '@mcp/storage'
import type { Database, TransactionObserver } from './database.ts'

interface Account {
  sessions: number
  bytes: number
}

interface Entry extends Account {
  changed: boolean
}

/** Removes events of an owner until `enough()`. Returns once it is, or when there is nothing left to remove. */
export type Evict = (owner: string, enough: () => boolean) => void

/** An eviction frees this part of the bound in addition, so that not every append evicts. */
const SLACK = 16

const statementsOf = (db: Database) => ({
  readAccount: db.prepare<Account>('SELECT sessions, bytes FROM accounts WHERE owner = ?'),
  readTotal: db.prepare<Account>('SELECT sessions, bytes FROM totals'),
  writeAccount: db.prepare('INSERT OR REPLACE INTO accounts VALUES (?, ?, ?)'),
  writeTotal: db.prepare('UPDATE totals SET sessions = ?, bytes = ?'),
  largest: db.prepare<{ owner: string }>('SELECT owner FROM accounts ORDER BY bytes DESC LIMIT 1000'),
  removeEmpty: db.prepare('DELETE FROM accounts WHERE sessions = 0 AND bytes <= 0')
})

/** What each owner and all together hold: the caps and budgets. All methods are for use within a transaction, except {@link total}. */
export class Accounts implements TransactionObserver {
  readonly #sql: ReturnType<typeof statementsOf>
  readonly #budget: StorageBudget
  readonly #entries = new Map<string, Entry>()
  #total: Entry | undefined
  #evict: Evict = () => {}

  constructor (db: Database, budget: StorageBudget) {
    this.#budget = budget
    this.#sql = statementsOf(db)
    db.observe(this)
  }

  /** Who removes events when a budget is used up. */
  evictWith (evict: Evict): void {
    this.#evict = evict
  }

  /** How many sessions are stored, expired ones included. */
  total (): number {
    return this.#sql.readTotal.get()?.sessions ?? 0
  }

  sessionsOf (owner: string): number {
    return this.#entry(owner).sessions
  }

  get sessions (): number {
    return this.#all().sessions
  }

  add (owner: string, sessions: number, bytes: number): void {
    for (const entry of [this.#entry(owner), this.#all()]) {
      entry.sessions += sessions
      entry.bytes += bytes
      entry.changed = true
    }
  }

  /**
   * Makes room for `bytes` more that cannot be evicted.
   *
   * @returns which bound is reached nevertheless
   */
  reserve (owner: string, bytes: number): 'fits' | 'owner-full' | 'full' {
    if (bytes <= 0) return 'fits'
    this.#makeRoom(owner, bytes)
    if (this.#entry(owner).bytes + bytes > this.#budget.bytesPerOwner) return 'owner-full'
    return this.#all().bytes + bytes > this.#budget.bytes ? 'full' : 'fits'
  }

  /** @throws `MCP_STORAGE_FULL` when `bytes` more do not fit */
  assertFits (owner: string, bytes: number): void {
    const fit = this.reserve(owner, bytes)
    if (fit !== 'fits') throw new MCP_STORAGE_FULL(fit === 'full' ? 'budget.bytes' : 'budget.bytesPerOwner')
  }

  removeEmpty (): void {
    this.#sql.removeEmpty.run()
  }

  beforeCommit (): void {
    for (const owner of [...this.#entries.keys()]) this.#makeRoom(owner, 0)
    for (const [owner, { changed, sessions, bytes }] of this.#entries) {
      if (changed) this.#sql.writeAccount.run(owner, sessions, bytes)
    }
    if (this.#total?.changed === true) this.#sql.writeTotal.run(this.#total.sessions, this.#total.bytes)
  }

  afterTransaction (): void {
    this.#entries.clear()
    this.#total = undefined
  }

  #makeRoom (owner: string, wanted: number): void {
    const { bytes, bytesPerOwner } = this.#budget
    const account = this.#entry(owner)
    if (account.bytes + wanted > bytesPerOwner) {
      const target = bytesPerOwner - bytesPerOwner / SLACK - wanted
      this.#evict(owner, () => account.bytes <= target)
    }
    const total = this.#all()
    if (total.bytes + wanted <= bytes) return
    const target = bytes - bytes / SLACK - wanted
    for (const { owner } of this.#largestFirst()) {
      if (total.bytes <= target) return
      this.#evict(owner, () => total.bytes <= target)
    }
  }

  /** As stored, with what this transaction has changed. */
  #largestFirst (): Array<{ owner: string }> {
    for (const [owner, { sessions, bytes }] of this.#entries) this.#sql.writeAccount.run(owner, sessions, bytes)
    return this.#sql.largest.all()
  }

  #entry (owner: string): Entry {
    let entry = this.#entries.get(owner)
    if (entry === undefined) this.#entries.set(owner, entry = entryOf(this.#sql.readAccount.get(owner)))
    return entry
  }

  #all (): Entry {
    this.#total ??= entryOf(this.#sql.readTotal.get())
    return this.#total
  }
}

function entryOf (row: Account | undefined): Entry {
  return { sessions: row?.sessions ?? 0, bytes: row?.bytes ?? 0, changed: false }
}
