import { inBackground } from '@mcp/storage'
import { BusLog } from './bus-log.ts'
import { FileWatch } from './file-watch.ts'
import type { Bus, MaybePromise, Unsubscribe } from '@mcp/storage'
import type { Database } from './database.ts'
import type { Processes } from './processes.ts'

/** How often a process with listeners looks for messages of others where the file cannot be watched. */
const LOOK_MS = 8
/** How often it looks otherwise: for other processes, and in case a change of the file was not reported. */
const WATCHED_MS = 100

/**
 * Within this process, messages go directly from publisher to listener. While others have the file open, messages are also written there;
 * a change of the write-ahead log wakes their listeners.
 */
export class SqliteBus implements Bus {
  readonly #db: Database
  readonly #local: Bus
  readonly #log: BusLog
  readonly #processes: Processes
  readonly #watch: FileWatch
  readonly #gapListeners = new Set<{ listener: () => void }>()
  #listeners = 0
  /** Number of the last message that this process has looked at. */
  #seen = 0
  #version = NaN
  #timer: NodeJS.Timeout | undefined
  #failing = false
  #closed = false

  /** @param local delivers within this process */
  constructor (db: Database, local: Bus, processes: Processes) {
    this.#db = db
    this.#local = local
    this.#log = new BusLog(db, processes.id)
    this.#processes = processes
    this.#watch = new FileWatch(`${db.file}-wal`, () => this.#readOrWarn())
  }

  /** Returns nothing while other processes may have subscribers. */
  publish (channel: string, message: string): MaybePromise<number | void> {
    if (this.#closed) return 0
    const written = this.#processes.shared
      ? this.#db.write(() => this.#log.add({ channel, message }, Date.now()))
      : undefined
    const delivered = this.#local.publish(channel, message)
    return written ?? delivered
  }

  async subscribe (channel: string, listener: (message: string) => void): Promise<Unsubscribe> {
    if (this.#closed) return () => {}
    // Earlier messages are not for this listener.
    if (this.#listeners === 0) this.#skip()
    else this.#read()
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
   * Calls `listener` when this process was stopped for so long that messages of others are no longer kept, or that others took it for dead
   * and wrote none.
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

  /** Within a transaction. */
  trim (): void {
    this.#log.trim(Date.now())
  }

  close (): void {
    this.#closed = true
    this.#gapListeners.clear()
    this.#stop()
  }

  #skip (): void {
    this.#version = this.#db.version()
    this.#seen = this.#log.last
  }

  #read (): void {
    const version = this.#db.version()
    if (version === this.#version) return
    const last = this.#log.last
    const missed = last > this.#seen && this.#log.hasTrimmedAfter(this.#seen)
    const messages = last > this.#seen ? this.#log.others(this.#seen, last) : []
    this.#version = version
    this.#seen = last
    for (const { channel, message } of messages) inBackground(() => this.#local.publish(channel, message), warn)
    if (missed) this.gap()
  }

  /** A file that cannot be read at the moment is reported once, not a hundred times a second. */
  #readOrWarn (): void {
    if (this.#closed || this.#db.closed) return
    try {
      this.#read()
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
      this.#readOrWarn()
      this.#look()
    }, this.#delay())
    this.#timer.unref()
  }

  /** The file is watched only while there are other processes: a watch reports this process's own writes, too. */
  #delay (): number {
    if (this.#failing || !this.#isShared()) {
      this.#watch.stop()
      return WATCHED_MS
    }
    this.#watch.start()
    return this.#watch.active ? WATCHED_MS : LOOK_MS
  }

  #isShared (): boolean {
    try {
      return this.#processes.shared
    } catch {
      return false
    }
  }

  #stop (): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#watch.stop()
  }
}

/** A listener that throws does not stop the others. */
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
