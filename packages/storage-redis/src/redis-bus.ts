import { Subscriber } from './subscriber.ts'
import type { Redis } from 'ioredis'
import type { Bus, Unsubscribe } from '@mcp/storage'
import type { Outage } from './outage.ts'

export interface RedisBusOptions {
  /** Before the name of every channel. */
  readonly prefix: string
  /** Of all keys and channels. */
  readonly keyPrefix: string
  /** How long `subscribe` waits for Redis, in milliseconds. */
  readonly timeoutMs: number
  publish (channel: string, message: string): Promise<number | void>
  connect (): Redis
  /** Calls back once the store can be asked. */
  whenStoreAnswers (listener: () => void): void
}

interface Channel {
  readonly listeners: Set<{ listener: (message: string) => void }>
  /** Settles once messages of the channel arrive; never rejects. */
  readonly joined: Promise<void>
  heard (): void
}

/** Wakes other nodes over pub/sub. Messages published while this node is cut off are lost. */
export class RedisBus implements Bus {
  readonly #options: RedisBusOptions
  readonly #channels = new Map<string, Channel>()
  readonly #gapListeners = new Set<{ listener: () => void }>()
  readonly #subscriber: Subscriber
  #hasGap = false
  #closed = false

  constructor (options: RedisBusOptions, outage: Outage) {
    this.#options = options
    this.#subscriber = new Subscriber({
      prefix: options.keyPrefix,
      connect: options.connect,
      channels: () => this.#channels.keys(),
      onMessage: (channel, message) => this.#deliver(channel, message),
      onComplete: names => this.#completed(names)
    }, outage)
  }

  async publish (channel: string, message: string): Promise<number | void> {
    return this.#options.publish(this.#options.prefix + channel, message)
  }

  /** Answers within `timeoutMs` also where Redis is out of reach: messages are then delivered from when it is back. */
  async subscribe (channel: string, listener: (message: string) => void): Promise<Unsubscribe> {
    const name = this.#options.prefix + channel
    const subscription = { listener }
    const joined = this.#channel(name)
    joined.listeners.add(subscription)
    await this.#withinTime(joined.joined)
    return async () => {
      joined.listeners.delete(subscription)
      if (joined.listeners.size > 0 || this.#channels.get(name) !== joined) return
      this.#channels.delete(name)
      // Where it fails the connection is gone, and the next one does not subscribe to it.
      await this.#subscriber.leave(name).catch(() => {})
    }
  }

  /**
   * `listener` is called after the bus was cut off, once it hears again and the store answers: messages of the time between
   * are lost, so whoever waits for one should look into the store. Answers how to stop.
   */
  onGap (listener: () => void): () => void {
    const entry = { listener }
    this.#gapListeners.add(entry)
    return () => { this.#gapListeners.delete(entry) }
  }

  /** Finds out whether a silent connection still answers. */
  ping (): void {
    this.#subscriber.ping()
  }

  close (): void {
    this.#closed = true
    this.#subscriber.close()
    for (const { listeners, heard } of this.#channels.values()) {
      listeners.clear()
      heard()
    }
    this.#channels.clear()
    this.#gapListeners.clear()
  }

  #channel (name: string): Channel {
    const known = this.#channels.get(name)
    if (known !== undefined) return known
    const { promise, resolve } = settled()
    const channel: Channel = { listeners: new Set(), joined: promise, heard: resolve }
    if (this.#closed) {
      resolve()
      return channel
    }
    this.#channels.set(name, channel)
    this.#subscriber.join(name).then(resolve, () => {})
    return channel
  }

  async #withinTime (joined: Promise<void>): Promise<void> {
    const timeout = settled()
    const timer = setTimeout(() => {
      this.#hasGap = true
      timeout.resolve()
    }, this.#options.timeoutMs)
    await Promise.race([joined, timeout.promise])
    clearTimeout(timer)
  }

  #deliver (name: string, message: string): void {
    for (const { listener } of this.#channels.get(name)?.listeners ?? []) call(() => listener(message))
  }

  #completed (names: readonly string[]): void {
    for (const name of names) this.#channels.get(name)?.heard()
    const hadGap = this.#hasGap
    // Whatever completes next time was cut off before.
    this.#hasGap = true
    if (!hadGap) return
    this.#options.whenStoreAnswers(() => {
      for (const { listener } of this.#gapListeners) call(listener)
    })
  }
}

function settled (): { promise: Promise<void>, resolve: () => void } {
  let resolve = () => {}
  const promise = new Promise<void>(_resolve => { resolve = _resolve })
  return { promise, resolve }
}

/** A listener that throws harms no other. */
function call (listener: () => void): void {
  try {
    listener()
  } catch (error) {
    process.emitWarning(error instanceof Error ? error : new Error(String(error)))
  }
}
