import { isResponseMessage, type Exchange, type JsonRpcResponse, type McpSession } from '@mcp/protocol'
import { closeSoon } from './close-soon.ts'
import { rightsKey } from './rights-key.ts'
import { applicationClosed } from './errors.ts'
import { IdleSet } from './idle-set.ts'
import { LegacyInstance, type LegacyInstanceHooks } from './legacy-instance.ts'
import type { LegacySettings } from './options.ts'
import type { Generation } from './sdk-server.ts'

/**
 * The live servers of this node's sessions. They are a cache: an idle one is given up and, when its client speaks again,
 * rebuilt from what the session remembers. One that works for or waits on its client stays.
 *
 * A server serves the rights it was built for only. When a client shows a credential with other rights, its session gets a new server,
 * and the one before closes as soon as it is idle.
 */
export class LegacyInstances {
  readonly #generation: Generation
  readonly #hooks: LegacyInstanceHooks
  /** The newest server of each session. */
  readonly #live = new Map<string, LegacyInstance>()
  /** Servers of earlier credentials that still work. */
  readonly #earlier = new Map<string, Set<LegacyInstance>>()
  readonly #building = new Map<string, Promise<LegacyInstance>>()
  readonly #idle: IdleSet<LegacyInstance>
  #closed = false

  constructor (generation: Generation, settings: LegacySettings) {
    const { idleMs, maxIdle, onError } = settings
    this.#generation = generation
    this.#idle = new IdleSet({ idleMs, max: maxIdle }, instance => this.#evict(instance))
    this.#hooks = {
      idle: instance => {
        if (this.#isLive(instance)) this.#idle.add(instance)
        else if (this.#isEarlier(instance)) this.#evict(instance)
      },
      closed: instance => this.#forget(instance),
      onError
    }
  }

  accept (exchange: Exchange, session: McpSession): void | Promise<void> {
    if (isResponseMessage(exchange.message)) return this.#respond(exchange, exchange.message, session)
    const live = this.#live.get(session.id)
    if (live !== undefined && live.rights === rightsKey(exchange.principal)) {
      this.#idle.delete(live)
      return live.accept(exchange, session)
    }
    const building = this.#building.get(session.id)
    return (building ?? this.#build(exchange, session)).then(() => this.accept(exchange, session))
  }

  async close (): Promise<void> {
    this.#closed = true
    this.#idle.clear()
    const all = [...this.#live.values(), ...[...this.#earlier.values()].flatMap(earlier => [...earlier])]
    await Promise.all(all.map(instance => instance.close()))
  }

  /** A response goes to the server that asked. If that server is gone, the response is late and is dropped. */
  #respond (exchange: Exchange, { id }: JsonRpcResponse, session: McpSession): void | Promise<void> {
    const building = this.#building.get(session.id)
    if (building !== undefined && !this.#live.has(session.id)) return building.then(() => this.accept(exchange, session))
    const live = this.#live.get(session.id)
    const earlier = [...this.#earlier.get(session.id) ?? []]
    const asked = id === undefined || id === null ? undefined : earlier.find(instance => instance.transport.awaits(id))
    const instance = asked === undefined || (live !== undefined && isFor(live, exchange) && live.transport.awaits(id ?? '')) ? live : asked
    if (instance === undefined) return
    this.#idle.delete(instance)
    return instance.accept(exchange, session)
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
    this.#retire(session.id)
    this.#live.set(session.id, instance)
    return instance
  }

  /** The newest server of a session makes room for the next. */
  #retire (session: string): void {
    const before = this.#live.get(session)
    if (before === undefined) return
    this.#idle.delete(before)
    if (!before.transport.busy) return this.#evict(before)
    const earlier = this.#earlier.get(session) ?? new Set()
    this.#earlier.set(session, earlier.add(before))
    this.#live.delete(session)
  }

  #isLive (instance: LegacyInstance): boolean {
    return this.#live.get(instance.sessionId) === instance
  }

  #isEarlier (instance: LegacyInstance): boolean {
    return this.#earlier.get(instance.sessionId)?.has(instance) === true
  }

  #evict (instance: LegacyInstance): void {
    this.#remove(instance)
    closeSoon(() => instance.close())
  }

  #forget (instance: LegacyInstance): void {
    this.#idle.delete(instance)
    this.#remove(instance)
  }

  #remove (instance: LegacyInstance): void {
    const { sessionId } = instance
    if (this.#isLive(instance)) this.#live.delete(sessionId)
    const earlier = this.#earlier.get(sessionId)
    if (earlier?.delete(instance) === true && earlier.size === 0) this.#earlier.delete(sessionId)
  }
}

function isFor (instance: LegacyInstance, { principal }: Exchange): boolean {
  return principal === null || instance.rights === rightsKey(principal)
}
