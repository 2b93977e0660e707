import { RedisSessions } from './redis-sessions.ts'
import { encodeSession } from './session-hash.ts'
import { stateChanges } from './session-hash.ts'
import type { JsonObject } from '@mcp/protocol'
import type { CreateOutcome, SessionCaps, SessionRecord } from '@mcp/storage'
import type { Keys } from './keys.ts'
import type { Link } from './link.ts'
import type { SpreadBudget } from './spread-budget.ts'

/** What a session takes beside its text, as in scripts. */
const RECORD_BYTES = 512

/**
 * Sessions in a cluster, where a session and the counts live in different slots. Room is reserved in each count before
 * anything may rely on it, so a cap is never exceeded. What one command did and the next could not follow (a node died
 * between them) leaves an id that counts, at most until the session would have expired.
 */
export class SpreadSessions extends RedisSessions {
  readonly #budget: SpreadBudget

  constructor (link: Link, keys: Keys, limits: ReadonlyArray<string | number>, budget: SpreadBudget) {
    super(link, keys, limits)
    this.#budget = budget
  }

  override async create (record: SessionRecord, caps: SessionCaps): Promise<CreateOutcome> {
    const { expires, text, owner, state } = encodeSession(record)
    const tag = this.keys.tag(record.id)
    const bytes = [text, ...state].reduce((sum, part) => sum + Buffer.byteLength(part), RECORD_BYTES)
    // At the same time: nobody knows the id before this has answered, and a refusal takes it all back.
    const answers = await Promise.allSettled([
      this.#reserve(this.keys.sessions, record.id, expires, caps.total),
      owner === '' ? true : this.#reserve(this.keys.principals + owner, record.id, expires, caps.perPrincipal),
      this.link.run('mcpPutSession', this.keysOf(record.id), expires, text, owner, bytes, ...state),
      this.#budget.reserve(owner, tag, bytes, expires)
    ])
    const [inTotal, ofPrincipal, stored, fits] = answers
    const failed = answers.find(answer => answer.status === 'rejected')
    const isCounted = inTotal.status === 'fulfilled' && inTotal.value && ofPrincipal.status === 'fulfilled' && ofPrincipal.value
    if (isCounted && stored.status === 'fulfilled' && fits.status === 'fulfilled' && fits.value === 'created') {
      await this.#adopt(owner, tag, Number(stored.value), expires)
      return 'created'
    }
    await this.#undo(record.id, owner)
    if (failed !== undefined) throw failed.reason
    if (isCounted && fits.status === 'fulfilled') return fits.value
    return inTotal.status === 'fulfilled' && !inTotal.value ? 'total-reached' : 'principal-reached'
  }

  override async touch (id: string, expiresAt: number): Promise<void> {
    const expires = Math.ceil(expiresAt)
    const principal = await this.link.run('mcpTouchSession', this.keysOf(id), expires)
    if (typeof principal !== 'string') return
    const moved = this.#indexes(principal).map(index => this.link.run('mcpMoveIndex', [index], id, expires))
    await Promise.all([...moved, this.#budget.keep(principal, this.keys.tag(id), expires)])
  }

  override async patchState (id: string, patch: JsonObject): Promise<void> {
    const { set, removed } = stateChanges(patch)
    const charge = await this.patch(id, this.#budget.sessionLimits, set, removed)
    if (Array.isArray(charge)) await this.#budget.settle(this.keys.tag(id), charge)
  }

  override async delete (id: string): Promise<boolean> {
    const principal = await this.link.run('mcpTakeSession', this.keysOf(id), this.keys.streams(id))
    if (typeof principal !== 'string') return false
    await this.#leave(principal, id)
    return true
  }

  async #reserve (index: string, id: string, expires: number, cap: number): Promise<boolean> {
    return await this.link.run('mcpReserveIndex', [index], id, expires, cap) === 1
  }

  async #undo (id: string, owner: string): Promise<void> {
    await Promise.allSettled([
      this.link.run('mcpTakeSession', this.keysOf(id), this.keys.streams(id)),
      this.#leave(owner, id)
    ])
  }

  /** Where this fails, the id counts until it expires. */
  async #leave (principal: string, id: string): Promise<void> {
    const left = this.#indexes(principal).map(index => this.link.command(redis => redis.zrem(index, id)))
    await Promise.allSettled([...left, this.#budget.release(principal, this.keys.tag(id))])
  }

  /** Events that came before their session were charged to no owner. */
  async #adopt (owner: string, tag: string, bytes: number, expires: number): Promise<void> {
    if (bytes <= 0 || owner === '') return
    await this.#budget.release('', tag)
    await this.#budget.settle(tag, [bytes, owner, expires])
  }

  #indexes (principal: string): string[] {
    return principal === '' ? [this.keys.sessions] : [this.keys.sessions, this.keys.principals + principal]
  }
}
