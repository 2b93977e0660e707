import { isResponseMessage, type Exchange, type McpSession } from '@mcp/protocol'
import { closeSoon } from './close-soon.ts'
import { applicationClosed } from './errors.ts'
import { IdleSet } from './idle-set.ts'
import { LegacyInstance, type LegacyInstanceHooks } from './legacy-instance.ts'
import type { LegacySettings } from './options.ts'
import type { Generation } from './sdk-server.ts'

/**
 * The live servers of this node's sessions. They are a cache: an idle one is given up and, when its client speaks again,
 * rebuilt from what the session remembers. One that works for or waits on its client stays.
 */
export class LegacyInstances {
  readonly #generation: Generation
  readonly #hooks: LegacyInstanceHooks
  readonly #live = new Map<string, LegacyInstance>()
  readonly #building = new Map<string, Promise<LegacyInstance>>()
  readonly #idle: IdleSet<LegacyInstance>
  #closed = false

  constructor (generation: Generation, settings: LegacySettings) {
    const { idleMs, maxIdle, onError } = settings
    this.#generation = generation
    this.#idle = new IdleSet({ idleMs, max: maxIdle }, instance => this.#evict(instance))
    this.#hooks = {
      idle: instance => { if (this.#isLive(instance)) this.#idle.add(instance) },
      closed: instance => this.#forget(instance),
      onError
    }
  }

  accept (exchange: Exchange, session: McpSession): void | Promise<void> {
    const live = this.#live.get(session.id)
    if (live !== undefined) {
      this.#idle.delete(live)
      return live.accept(exchange, session)
    }
    const building = this.#building.get(session.id)
    // Whoever asked is gone.
    if (building === undefined && isResponseMessage(exchange.message)) return
    return (building ?? this.#build(exchange, session)).then(() => this.accept(exchange, session))
  }

  async close (): Promise<void> {
    this.#closed = true
    this.#idle.clear()
    await Promise.all([...this.#live.values()].map(instance => instance.close()))
  }

  #build (exchange: Exchange, session: McpSession): Promise<LegacyInstance> {
    const building = this.#open(exchange, session).finally(() => this.#building.delete(session.id))
    this.#building.set(session.id, building)
    return building
  }

  async #open (exchange: Exchange, session: McpSession): Promise<LegacyInstance> {
    const instance = await LegacyInstance.open(this.#generation, exchange, session, this.#hooks)
    if (this.#closed) {
      await instance.close()
      throw applicationClosed()
    }
    this.#live.set(session.id, instance)
    return instance
  }

  #isLive (instance: LegacyInstance): boolean {
    return this.#live.get(instance.sessionId) === instance
  }

  #evict (instance: LegacyInstance): void {
    this.#live.delete(instance.sessionId)
    closeSoon(() => instance.close())
  }

  #forget (instance: LegacyInstance): void {
    this.#idle.delete(instance)
    if (this.#isLive(instance)) this.#live.delete(instance.sessionId)
  }
}
