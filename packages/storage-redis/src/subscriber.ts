import { retryDelay } from './clients.ts'
import { isRejected, reasonOf } from './unavailable.ts'
import { missingPermission } from './permissions.ts'
import type { Redis } from 'ioredis'
import type { Outage } from './outage.ts'

/** Channels in one SUBSCRIBE after a new connection. */
const MANY = 1000

const CLOSED = 'the connection for subscriptions was closed'

interface SubscriberHost {
  /** Of all keys and channels: named where permissions for them are missing. */
  readonly prefix: string
  /** Starts a fresh connection that never reconnects by itself. */
  connect (): Redis
  /** The channels wanted now. */
  channels (): Iterable<string>
  onMessage (channel: string, message: string): void
  /** These channels, all that were wanted, are subscribed on the first connection or on a new one. */
  onComplete (channels: readonly string[]): void
}

/** The connection subscriptions live on. When it breaks it is replaced, and what is wanted is subscribed again. */
export class Subscriber {
  readonly #host: SubscriberHost
  readonly #outage: Outage
  #client: Redis
  #attempts = 0
  #isReady = false
  #reason = CLOSED
  #retry: NodeJS.Timeout | null = null
  #closed = false

  constructor (host: SubscriberHost, outage: Outage) {
    this.#host = host
    this.#outage = outage
    this.#client = this.#connect()
  }

  /** Answers once messages of the channel arrive; rejects when the connection is missing or breaks, and it is subscribed later. */
  async join (channel: string): Promise<void> {
    const client = this.#client
    try {
      await client.subscribe(channel)
    } catch (error) {
      this.#failed(client, error)
      throw error
    }
  }

  async leave (channel: string): Promise<void> {
    if (this.#isReady) await this.#client.unsubscribe(channel)
  }

  /** Finds out whether a silent connection still answers; it is given up when not. */
  ping (): void {
    if (this.#isReady) this.#client.ping().catch(() => {})
  }

  close (): void {
    this.#closed = true
    if (this.#retry !== null) clearTimeout(this.#retry)
    this.#client.disconnect()
  }

  #connect (): Redis {
    const client = this.#host.connect()
    client.on('message', (channel: string, message: string) => this.#host.onMessage(channel, message))
    client.on('error', (error: Error) => { this.#reason = error.message.replace(/\.$/, '') })
    client.on('ready', () => { this.#complete(client).catch(error => this.#failed(client, error, true)) })
    client.on('end', () => this.#lost())
    return client
  }

  async #complete (client: Redis): Promise<void> {
    this.#isReady = true
    const channels = [...this.#host.channels()]
    for (let start = 0; start < channels.length; start += MANY) await client.subscribe(...channels.slice(start, start + MANY))
    this.#attempts = 0
    this.#reason = CLOSED
    this.#outage.back(this)
    this.#host.onComplete(channels)
  }

  /** A connection that may not subscribe is replaced, too: permissions given meanwhile then count. */
  #failed (client: Redis, error: unknown, incomplete = false): void {
    if (error instanceof Error && isRejected(error)) {
      this.#reason = reasonOf(error) + missingPermission(error, this.#host.prefix)
      if (!this.#closed) this.#outage.refused(this, this.#reason)
    } else if (!incomplete) return
    client.disconnect()
  }

  #lost (): void {
    if (this.#closed) return
    this.#isReady = false
    this.#outage.lost(this, this.#reason)
    this.#retry = setTimeout(() => { this.#client = this.#connect() }, retryDelay(++this.#attempts))
  }
}
