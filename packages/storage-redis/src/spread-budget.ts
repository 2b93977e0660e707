import type { CreateOutcome } from '@mcp/storage'
import type { Keys } from './keys.ts'
import type { Link } from './link.ts'
import type { ScriptName } from './scripts.ts'

type Limits = ReadonlyArray<string | number>

interface Need {
  readonly missing: string
  /** Bytes to evict. */
  readonly excess: number
  readonly owner: string
  /** The beginnings of the keys of sessions of that owner, those that hold most first. */
  readonly tags: readonly string[]
}

/**
 * The budget in bytes in a cluster. Accounts live in one slot, sessions in others, so what a session takes is charged after it was
 * stored, in steps, and evicted after that. Calls for an owner that is over its budget wait for the eviction of this node.
 */
export class SpreadBudget {
  readonly #link: Link
  readonly #accounts: string
  readonly #accountLimits: Limits
  readonly #sessionLimits: Limits
  /** Evictions under way, by owner. */
  readonly #evictions = new Map<string, Promise<void>>()

  /** @param limits of scripts that know the accounts, and of those that run where a session is. */
  constructor (link: Link, keys: Keys, limits: Limits) {
    this.#link = link
    this.#accounts = `${keys.accounts}owners`
    this.#accountLimits = limits
    this.#sessionLimits = ['', ...limits.slice(1)]
  }

  get sessionLimits (): Limits {
    return this.#sessionLimits
  }

  /**
   * Charges what a script in the slot of a session answered: bytes, owner, expiry. It is not waited for, unless the owner is over
   * its budget; where it fails, these bytes stay uncharged.
   */
  settle (tag: string, answer: readonly unknown[]): Promise<void> | undefined {
    const [bytes, owner, expires] = answer
    if (typeof owner !== 'string' || Number(bytes) === 0) return undefined
    this.#charge(owner, tag, Number(bytes), Number(expires), false).then(need => this.#relieve(need)).catch(() => {})
    return this.#evictions.get(owner)
  }

  /** Charges a new session where it fits, with the eviction of events if need be. */
  async reserve (owner: string, tag: string, bytes: number, expires: number): Promise<CreateOutcome> {
    const first = await this.#charge(owner, tag, bytes, expires, true)
    if (first.missing === '') return 'created'
    await this.#relieve(first)
    const second = await this.#charge(owner, tag, bytes, expires, true)
    if (second.missing === '') return 'created'
    return second.missing === 'total-reached' ? 'total-reached' : 'principal-reached'
  }

  async release (owner: string, tag: string): Promise<void> {
    await this.#run('mcpReleaseCharge', owner, tag)
  }

  async keep (owner: string, tag: string, expires: number): Promise<void> {
    await this.#run('mcpKeepCharge', owner, tag, expires)
  }

  async #charge (owner: string, tag: string, bytes: number, expires: number, onlyIfFits: boolean): Promise<Need> {
    const answer = await this.#run('mcpCharge', owner, tag, bytes, expires, onlyIfFits ? 1 : 0)
    const [missing, excess, from, ...tags]: unknown[] = Array.isArray(answer) ? answer : []
    return { missing: String(missing ?? ''), excess: Number(excess ?? 0), owner: String(from ?? owner), tags: tags.map(String) }
  }

  /** Of several at once for one owner, the first one evicts. */
  #relieve (need: Need): Promise<void> {
    if (need.excess <= 0) return Promise.resolve()
    const running = this.#evictions.get(need.owner)
    if (running !== undefined) return running
    const eviction = this.#evict(need).catch(() => {}).finally(() => { this.#evictions.delete(need.owner) })
    this.#evictions.set(need.owner, eviction)
    return eviction
  }

  /** Until it is enough: others may store meanwhile. */
  async #evict (need: Need): Promise<void> {
    for (let current = need; current.excess > 0;) {
      if (await this.#evictOnce(current) === 0) return
      current = await this.#charge(current.owner, '', 0, 0, false)
    }
  }

  /** Streams that have ended first, then the oldest events. Answers how many bytes went. */
  async #evictOnce ({ excess, owner, tags }: Need): Promise<number> {
    let rest = excess
    for (const ended of [1, 0]) {
      for (const tag of tags) {
        if (rest <= 0) return excess - rest
        const freed = Number(await this.#link.run('mcpEvictSession', [`${tag}:log`], ...this.#sessionLimits, tag, rest, ended))
        if (freed <= 0) continue
        rest -= freed
        await this.#charge(owner, tag, -freed, 0, false)
      }
    }
    return excess - rest
  }

  #run (name: ScriptName, ...args: ReadonlyArray<string | number>): Promise<unknown> {
    return this.#link.run(name, [this.#accounts], ...this.#accountLimits, ...args)
  }
}
