import { RedisSessions } from './redis-sessions.ts'
import { encodeSession } from './session-hash.ts'
import type { CreateOutcome, SessionCaps, SessionRecord } from '@mcp/storage'

/**
 * Sessions in a cluster, where a session and the counts live in different slots. Room is reserved in each count before
 * anything may rely on it, so a cap is never exceeded. What one command did and the next could not follow (a node died
 * between them) leaves an id that counts, at most until the session would have expired.
 */
export class SpreadSessions extends RedisSessions {
  override async create (record: SessionRecord, caps: SessionCaps): Promise<CreateOutcome> {
    const { expires, text, owner, state } = encodeSession(record)
    // At the same time: nobody knows the id before this has answered, and a refusal takes it all back.
    const answers = await Promise.allSettled([
      this.#reserve(this.keys.sessions, record.id, expires, caps.total),
      owner === '' ? true : this.#reserve(this.keys.principals + owner, record.id, expires, caps.perPrincipal),
      this.link.run('mcpPutSession', this.keysOf(record.id), expires, text, owner, ...state)
    ])
    const [inTotal, ofPrincipal, stored] = answers
    const failed = answers.find(answer => answer.status === 'rejected')
    if (inTotal.status === 'fulfilled' && ofPrincipal.status === 'fulfilled' && stored.status === 'fulfilled' && inTotal.value && ofPrincipal.value) {
      return 'created'
    }
    await this.#undo(record.id, owner)
    if (failed !== undefined) throw failed.reason
    return inTotal.status === 'fulfilled' && !inTotal.value ? 'total-reached' : 'principal-reached'
  }

  override async touch (id: string, expiresAt: number): Promise<void> {
    const expires = Math.ceil(expiresAt)
    const principal = await this.link.run('mcpTouchSession', this.keysOf(id), expires)
    if (typeof principal === 'string') await Promise.all(this.#indexes(principal).map(index => this.link.run('mcpMoveIndex', [index], id, expires)))
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
    await Promise.allSettled(this.#indexes(principal).map(index => this.link.command(redis => redis.zrem(index, id))))
  }

  #indexes (principal: string): string[] {
    return principal === '' ? [this.keys.sessions] : [this.keys.sessions, this.keys.principals + principal]
  }
}
