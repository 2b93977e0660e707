import { isResponseMessage, type Exchange } from '@mcp/protocol'
import { clientKey, seedClientIdentity } from './client-identity.ts'
import { closeServer, closeSoon } from './close-soon.ts'
import { rightsKey } from './rights-key.ts'
import { applicationClosed } from './errors.ts'
import { FlightsById } from './flights.ts'
import { IdleSet } from './idle-set.ts'
import { bindModern, serverOf } from './modern-binding.ts'
import { deliver, standalone, type ModernParts } from './modern.ts'
import { ServerTransport } from './server-transport.ts'

interface Pooled {
  readonly key: string
  readonly transport: ServerTransport
  readonly bound: Promise<() => Promise<void>>
  ready: boolean
}

export interface PoolLimits {
  readonly idleMs: number
  readonly maxReused: number
}

/**
 * Modern messages on servers that stay: one for each principal with its rights, client and revision. Servers
 * that have work are never given up, so there may be more than `maxReused` of them for a while.
 */
export class ModernPool {
  readonly #parts: ModernParts
  readonly #limits: PoolLimits
  readonly #servers = new Map<string, Pooled>()
  readonly #idle: IdleSet<Pooled>
  #closed = false

  constructor (parts: ModernParts, limits: PoolLimits) {
    this.#parts = parts
    this.#limits = limits
    this.#idle = new IdleSet({ idleMs: limits.idleMs, max: Infinity }, pooled => this.#evict(pooled))
  }

  accept (exchange: Exchange): void | Promise<void> {
    if (isResponseMessage(exchange.message)) return
    const key = `${exchange.revision} ${rightsKey(exchange.principal)} ${clientKey(exchange.message)}`
    const pooled = this.#servers.get(key) ?? this.#open(key, exchange)
    this.#idle.delete(pooled)
    if (pooled.ready) return deliver(this.#parts, pooled.transport, exchange)
    return pooled.bound.then(() => {
      if (this.#closed) throw applicationClosed()
      // A server that closed itself meanwhile is replaced.
      return pooled.transport.closed ? this.accept(exchange) : deliver(this.#parts, pooled.transport, exchange)
    })
  }

  async close (): Promise<void> {
    this.#closed = true
    this.#idle.clear()
    await Promise.all([...this.#servers.values()].map(pooled => pooled.transport.close()))
  }

  #open (key: string, exchange: Exchange): Pooled {
    let count = 0
    const transport = new ServerTransport({
      standalone: message => standalone(this.#parts, message),
      idle: () => { if (this.#servers.get(key) === pooled && pooled.ready) this.#idle.add(pooled) },
      closed: () => this.#forget(pooled),
      onError: this.#parts.onError
    }, new FlightsById(() => ++count))
    const bound = this.#bind(transport, exchange)
    const pooled: Pooled = { key, transport, bound, ready: false }
    bound.then(() => { pooled.ready = true }, () => this.#forget(pooled))
    this.#servers.set(key, pooled)
    while (this.#servers.size > this.#limits.maxReused && this.#idle.evictOldest());
    return pooled
  }

  /** @returns what closes the server. */
  async #bind (transport: ServerTransport, exchange: Exchange): Promise<() => Promise<void>> {
    const product = await bindModern(() => this.#parts.create(exchange), exchange.revision, transport)
    seedClientIdentity(serverOf(product), exchange.message)
    return () => closeServer(product, transport, this.#parts.onError)
  }

  #evict (pooled: Pooled): void {
    this.#servers.delete(pooled.key)
    closeSoon(() => pooled.bound.then(close => close()))
  }

  #forget (pooled: Pooled): void {
    this.#idle.delete(pooled)
    if (this.#servers.get(pooled.key) === pooled) this.#servers.delete(pooled.key)
  }
}
