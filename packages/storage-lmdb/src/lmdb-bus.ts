import { inBackground } from '@mcp/storage'
import { BusLog, type BusRange } from './bus-log.ts'
import type { Bus, MaybePromise, Unsubscribe } from '@mcp/storage'
import type { Database } from './database.ts'
import type { Processes } from './processes.ts'

/** How often a process that listens looks for messages of others. */
const LOOK_MS = 8
/** How often it looks whether there are others. What they say meanwhile is not lost. */
const ALONE_MS = 100

/**
 * Within this process, messages go directly from publisher to listener. While others have the file open too, messages are
 * also written there, and those who listen look for them.
 */
export class LmdbBus implements Bus {
  readonly #db: Database
  readonly #local: Bus
  readonly #log: BusLog
  readonly #processes: Processes
  readonly #gapListeners = new Set<{ listener: () => void }>()
  #listeners = 0
  /** Number of the first message in the file this process has not seen. */
  #unseen = 0
  #timer: NodeJS.Timeout | undefined
  #failing = false
  #closed = false

  /** @param local delivers within this process */
  constructor (db: Database, local: Bus, processes: Processes) {
    this.#db = db
    this.#local = local
    this.#log = new BusLog(db, processes.id)
    this.#processes = processes
  }

  /** Who listens in other processes is not known here. */
  publish (channel: string, message: string): MaybePromise<number | void> {
    if (this.#closed) return 0
    this.#db.refresh()
    const written = this.#processes.shared
      ? this.#db.write(() => this.#log.add({ channel, message }, Date.now()))
      : undefined
    const delivered = this.#local.publish(channel, message)
    return written ?? delivered
  }

  async subscribe (channel: string, listener: (message: string) => void): Promise<Unsubscribe> {
    if (this.#closed) return () => {}
    // What was said before is not for this listener.
    if (this.#listeners === 0) this.#unseen = this.#range().next
    else this.#hear()
    const unsubscribe = await this.#local.subscribe(channel, listener)
    this.#listeners++
    this.#look()
    let left = false
    return () => {
      if (left) return
      left = true
      this.#listeners--
      if (this.#listeners === 0) this.#stop()
      return unsubscribe()
    }
  }

  /**
   * `listener` is called when this process was stopped for so long that messages of others are no longer there, or that they took it for
   * gone and wrote none.
   */
  onGap (listener: () => void): () => void {
    const entry = { listener }
    this.#gapListeners.add(entry)
    return () => { this.#gapListeners.delete(entry) }
  }

  /** Messages may have been missed. */
  gap (): void {
    for (const { listener } of this.#gapListeners) attempt(listener)
  }

  trim (): void {
    this.#log.trim(Date.now())
  }

  close (): void {
    this.#closed = true
    this.#gapListeners.clear()
    this.#stop()
  }

  #range (): BusRange {
    this.#db.refresh()
    return this.#log.range
  }

  #hear (): void {
    const { first, next } = this.#range()
    if (next <= this.#unseen) return
    const missed = first > this.#unseen
    const messages = this.#log.others(this.#unseen, next)
    this.#unseen = next
    for (const { channel, message } of messages) inBackground(() => this.#local.publish(channel, message), warn)
    if (missed) this.gap()
  }

  /** A file that cannot be read at the moment is said once, not a hundred times a second. */
  #hearOrWarn (): void {
    try {
      this.#hear()
      this.#failing = false
    } catch (error) {
      if (!this.#failing) warn(error)
      this.#failing = true
    }
  }

  #look (): void {
    if (this.#timer !== undefined || this.#closed || this.#listeners === 0) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#hearOrWarn()
      this.#look()
    }, this.#failing || !this.#processes.shared ? ALONE_MS : LOOK_MS)
    this.#timer.unref()
  }

  #stop (): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}

/** A listener that throws harms no other. */
function attempt (listener: () => void): void {
  try {
    listener()
  } catch (error) {
    warn(error)
  }
}

function warn (error: unknown): void {
  process.emitWarning(error instanceof Error ? error : new Error(String(error)))
}
