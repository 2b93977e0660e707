import type { NodeRegistry } from '@mcp/storage'
import type { Keys } from './keys.ts'
import type { Link } from './link.ts'

/** A key per living node, which Redis lets go when the node falls silent. */
export class RedisNodes implements NodeRegistry {
  readonly #link: Link
  readonly #keys: Keys

  constructor (link: Link, keys: Keys) {
    this.#link = link
    this.#keys = keys
  }

  async beat (node: string, ttlMs: number): Promise<void> {
    await this.#link.run('mcpBeatNode', [this.#keys.node(node)], Math.max(1, Math.ceil(ttlMs)))
  }

  async leave (node: string): Promise<void> {
    await this.#link.command(redis => redis.del(this.#keys.node(node)))
  }

  async alive (node: string): Promise<boolean> {
    return await this.#link.question(redis => redis.exists(this.#keys.node(node))) === 1
  }
}
