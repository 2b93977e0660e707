/** What memory holds, per owner and in all: finished streams go first, then the oldest events. */
import type { StorageBudget } from './contract.ts'

/** What may be let go of to make room. */
export interface Evictable {
  /** What it takes, in bytes. */
  readonly cost: number
  /** Lets go of its oldest finished stream. `false`: there is none. */
  dropFinished (): boolean
  /** Lets go of its oldest event. `false`: there is none. */
  dropOldest (): boolean
}

interface Account {
  bytes: number
  /** What was written longest ago comes first. */
  readonly holdings: Set<Evictable>
}

interface Charge {
  owner: string
  cost: number
}

/** What is let go of beyond the need, as a part of the bound: so not every append looks for something to evict. */
const SLACK = 16

export class MemoryBudget {
  readonly #budget: StorageBudget
  readonly #accounts = new Map<string, Account>()
  readonly #charges = new Map<Evictable, Charge>()
  #bytes = 0

  constructor (budget: StorageBudget) {
    this.#budget = budget
  }

  /** Takes what a holding costs now from its owner's budget, and evicts where that is too much. */
  settle (holding: Evictable, owner: string): void {
    const charge = this.#charges.get(holding)
    if (charge !== undefined && charge.owner !== owner) this.release(holding)
    const account = this.#account(owner)
    account.holdings.delete(holding)
    account.holdings.add(holding)
    this.#recharge(holding, owner, account)
    this.#makeRoom(owner, 0)
  }

  /** Takes over what a holding costs now, after it let go of something by itself. */
  update (holding: Evictable): void {
    const charge = this.#charges.get(holding)
    if (charge !== undefined) this.#recharge(holding, charge.owner, this.#account(charge.owner))
  }

  release (holding: Evictable): void {
    const charge = this.#charges.get(holding)
    if (charge === undefined) return
    this.#charges.delete(holding)
    this.#accounts.get(charge.owner)?.holdings.delete(holding)
    this.add(charge.owner, -charge.cost)
  }

  /** Whether `bytes` more of a session fit, once events have gone for them. */
  reserve (owner: string, bytes: number): 'fits' | 'owner-full' | 'full' {
    if (bytes <= 0) return 'fits'
    this.#makeRoom(owner, bytes)
    if ((this.#accounts.get(owner)?.bytes ?? 0) + bytes > this.#budget.bytesPerOwner) return 'owner-full'
    return this.#bytes + bytes > this.#budget.bytes ? 'full' : 'fits'
  }

  /** Counts what is not evictable: the records of sessions. */
  add (owner: string, bytes: number): void {
    this.#bytes += bytes
    const account = this.#account(owner)
    account.bytes += bytes
    if (account.bytes <= 0 && account.holdings.size === 0) this.#accounts.delete(owner)
  }

  clear (): void {
    this.#accounts.clear()
    this.#charges.clear()
    this.#bytes = 0
  }

  #makeRoom (owner: string, wanted: number): void {
    const { bytes, bytesPerOwner } = this.#budget
    const account = this.#accounts.get(owner)
    if (account !== undefined && account.bytes + wanted > bytesPerOwner) {
      const target = bytesPerOwner - bytesPerOwner / SLACK - wanted
      this.#evict(owner, account, () => account.bytes <= target)
    }
    if (this.#bytes + wanted <= bytes) return
    const target = bytes - bytes / SLACK - wanted
    for (const [name, largest] of [...this.#accounts].toSorted(([, one], [, other]) => other.bytes - one.bytes)) {
      if (this.#bytes <= target) return
      this.#evict(name, largest, () => this.#bytes <= target)
    }
  }

  #evict (owner: string, account: Account, enough: () => boolean): void {
    for (const drop of ['dropFinished', 'dropOldest'] as const) {
      for (const holding of account.holdings) {
        while (!enough() && holding[drop]()) this.#recharge(holding, owner, account)
        if (enough()) return
      }
    }
  }

  #recharge (holding: Evictable, owner: string, account: Account): void {
    const charge = this.#charges.get(holding)
    const difference = holding.cost - (charge?.cost ?? 0)
    if (charge === undefined) this.#charges.set(holding, { owner, cost: holding.cost })
    else charge.cost += difference
    account.bytes += difference
    this.#bytes += difference
  }

  #account (owner: string): Account {
    let account = this.#accounts.get(owner)
    if (account === undefined) this.#accounts.set(owner, account = { bytes: 0, holdings: new Set() })
    return account
  }
}
