/** The storages of one work, made for it and thrown away with it. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Contestant } from './contestants.ts'
import type { Pinning } from './pin.ts'
import { RedisServer } from './redis-server.ts'

export class Storages {
  readonly #folder: string
  readonly #redis: RedisServer | null
  #count = 0

  private constructor (folder: string, redis: RedisServer | null) {
    this.#folder = folder
    this.#redis = redis
  }

  static async make (pinning: Pinning): Promise<Storages> {
    const folder = await mkdtemp(join(tmpdir(), 'mcp-bench-'))
    await mkdir(join(folder, 'redis'))
    try {
      return new Storages(folder, await RedisServer.start(join(folder, 'redis'), pinning))
    } catch (error) {
      await rm(folder, { recursive: true, force: true })
      throw error
    }
  }

  /** Address of an SQLite storage, another one for each call. */
  sqlite (): string {
    return `sqlite:${join(this.#folder, String(++this.#count))}`
  }

  /** Address of the one Redis; `null` where it is not installed. */
  get redis (): string | null {
    return this.#redis?.url ?? null
  }

  async remove (): Promise<void> {
    await this.#redis?.stop()
    await rm(this.#folder, { recursive: true, force: true })
  }
}

/** The same contestant on a storage of ours. */
export function on (contestant: Contestant, name: string, address: string, ...args: readonly string[]): Contestant {
  const { script } = contestant
  return { ...contestant, name: nameOn(contestant, name), script: { ...script, args: ['--storage', address, ...args] } }
}

export function nameOn (contestant: Contestant, name: string): string {
  return `${contestant.name}, ${name}`
}
