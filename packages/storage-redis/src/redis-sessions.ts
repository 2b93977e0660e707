import { MCP_STORAGE_FULL } from '@mcp/storage'
import { encodeSession, sessionFrom, stateChanges } from './session-hash.ts'
import type { JsonObject } from '@mcp/protocol'
import type { CreateOutcome, SessionCaps, SessionRecord, SessionStore } from '@mcp/storage'
import type { Keys } from './keys.ts'
import type { Link } from './link.ts'

/** Sessions in a Redis that holds all keys: each call is one script, counts included. */
export class RedisSessions implements SessionStore {
  protected readonly link: Link
  protected readonly keys: Keys
  protected readonly limits: ReadonlyArray<string | number>

  /** @param limits see `limitArguments`. */
  constructor (link: Link, keys: Keys, limits: ReadonlyArray<string | number>) {
    this.link = link
    this.keys = keys
    this.limits = limits
  }

  async create (record: SessionRecord, caps: SessionCaps): Promise<CreateOutcome> {
    const { expires, text, owner, state } = encodeSession(record)
    const keys = [...this.keysOf(record.id), this.keys.sessions, this.keys.principals + owner]
    const outcome = await this.link.run('mcpCreateWhole', keys,
      ...this.limits, expires, text, owner, record.id, caps.total, caps.perPrincipal, ...state)
    return outcome === 'total-reached' || outcome === 'principal-reached' ? outcome : 'created'
  }

  read (id: string): Promise<SessionRecord | undefined> {
    return this.link.question(redis => redis.hgetall(this.keys.session(id))).then(sessionFrom)
  }

  async touch (id: string, expiresAt: number): Promise<void> {
    await this.link.run('mcpTouchWhole', [...this.keysOf(id), this.keys.sessions], ...this.limits, Math.ceil(expiresAt), id, this.keys.principals)
  }

  async patchState (id: string, patch: JsonObject): Promise<void> {
    const { set, removed } = stateChanges(patch)
    const missing = await this.patch(id, this.limits, set, removed)
    if (missing !== null) throw new MCP_STORAGE_FULL(missing === 'total-reached' ? 'budget.bytes' : 'budget.bytesPerOwner')
  }

  protected patch (
    id: string, limits: ReadonlyArray<string | number>, set: readonly string[], removed: readonly string[]
  ): Promise<unknown> {
    return this.link.run('mcpPatchSession', [this.keys.session(id)], ...limits, set.length / 2, ...set, ...removed)
  }

  async delete (id: string): Promise<boolean> {
    const keys = [...this.keysOf(id), this.keys.sessions]
    return await this.link.run('mcpDeleteWhole', keys, ...this.limits, this.keys.streams(id), id, this.keys.principals) === 1
  }

  async count (): Promise<number> {
    return Number(await this.link.ask('mcpCountIndex', [this.keys.sessions]))
  }

  protected keysOf (id: string): [session: string, log: string, runs: string] {
    return [this.keys.session(id), this.keys.log(id), this.keys.runs(id)]
  }
}
