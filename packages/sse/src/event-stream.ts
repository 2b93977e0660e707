/** The writing end of a stream: store, then encode, then write. */
import type { EventStore } from '@mcp/storage'
import type { CloseReason, SseConnection } from './connection.ts'
import { formatEventId } from './event-id.ts'
import { messageFrame } from './frame.ts'
import { StreamAppender } from './stream-appender.ts'

/** Where a resumable stream is kept. */
export interface StreamTarget {
  readonly events: EventStore
  readonly session: string
  readonly stream: string
}

export interface EventStreamHooks {
  /** Messages were stored while no connection of this node took them: whoever reads the stream elsewhere wants to know. */
  readonly onStored?: () => void
  /** The connection is over: said all, lost, too slow, or let go. */
  readonly onOver?: (reason: CloseReason) => void
  /** A sender that does not wait for room sent more than may wait. What it sends from now on is dropped, but for its last message. */
  readonly onFlood?: () => void
  /** The store no longer knows the stream. Answers the frames that tell the reader, after which the connection ends. */
  readonly onForgotten?: () => string
  /** How a message that is not stored is framed. Default: as an event with data alone. */
  readonly frame?: (json: string) => string
  /** The store failed; nothing of this stream can be kept or sent any more. `quiet`: from then on nothing is on its way to the store. */
  readonly onError: (error: unknown, quiet: Promise<void>) => void
}

/** Waiting messages that make a flush worth its while before the current run of microtasks is over. */
const FLUSH_CHARACTERS = 16 * 1024
/** A writer that has this much unwritten waits for room. */
const HIGH_WATER_CHARACTERS = 64 * 1024

/** What a sender that never waits for room may leave unstored. */
const MAX_WAITING_CHARACTERS = 16 * 1024 * 1024

const READY = Promise.resolve()
const NOTHING = (): void => {}

/**
 * Collects the messages sent in one run of microtasks and moves them on together: one append to the store (at most one at
 * a time, so order holds), one write to the connection. Without a target nothing is stored and events carry no ids.
 */
export class EventStream {
  readonly #target: StreamTarget | null
  readonly #hooks: EventStreamHooks
  #appender: StreamAppender | null = null
  #connection: SseConnection | null = null
  #waiting: string[] = []
  #waitingCharacters = 0
  #appending = false
  /** Settles with the append under way. */
  #quiet: Promise<void> = READY
  /** Characters on their way to the store: not written yet either. */
  #inFlight = 0
  #flushQueued = false
  #begun = false
  #ended = false
  /** Whether the end was handed to the store: nothing comes after it. */
  #sealed = false
  #failed = false
  #flooded = false
  #roomWanted: Array<() => void> = []

  constructor (target: StreamTarget | null, hooks: EventStreamHooks) {
    this.#target = target
    this.#hooks = hooks
  }

  /** Whether messages sent now are kept or written somewhere. */
  get live (): boolean {
    return !this.#failed && (this.#target !== null || this.#connection !== null)
  }

  get connection (): SseConnection | null {
    return this.#connection
  }

  attach (connection: SseConnection): void {
    this.#connection = connection
    connection.onDrain(() => this.#giveRoom())
    connection.onOverflow(() => this.#overflow(connection))
    connection.onOver(reason => {
      if (this.#connection === connection) this.#connection = null
      this.#giveRoom()
      this.#hooks.onOver?.(reason)
    })
  }

  /** Writes what stands before the first message; once that is out, nothing. */
  begin (frames: string): void {
    if (!this.#begun) this.#connection?.write(frames)
  }

  /** Queues a message, as JSON text. Resolves when there is room for the next one. */
  send (json: string, last: boolean): Promise<void> {
    if (this.#ended || !this.live) return READY
    if (!last && this.#appending && this.#waitingCharacters > MAX_WAITING_CHARACTERS) this.#flood()
    if (this.#flooded && !last) return READY
    this.#waiting.push(json)
    this.#waitingCharacters += json.length
    if (last) this.#ended = true
    if (last || this.#waitingCharacters >= FLUSH_CHARACTERS) this.#flush()
    else this.#queueFlush()
    return this.#room()
  }

  /** Ends the stream without a last message. */
  end (): void {
    if (this.#ended || this.#failed) return
    this.#ended = true
    this.#flush()
  }

  /** Lets the connection go and keeps the stream. What was sent so far is written first. */
  release (frames: string): void {
    this.#flush()
    const connection = this.#connection
    this.#connection = null
    connection?.end(frames)
    this.#giveRoom()
  }

  /** Asks the store whether it still knows the stream. What the store forgot ends as {@link forget} says. */
  async verify (): Promise<void> {
    if (this.#target === null || this.#appending || this.#sealed || this.#failed) return
    const { events, session, stream } = this.#target
    const end = this.#appender?.end ?? 0
    const page = await events.read(session, stream, end, 1)
    // What was appended meanwhile tells by itself.
    if (page === null && !this.#appending && !this.#sealed && end === (this.#appender?.end ?? 0)) this.forget()
  }

  /** The session ended meanwhile and its streams with it, or the store lost them: nothing more can be kept. */
  forget (): void {
    if (this.#failed) return
    this.#failed = true
    this.#waiting = []
    const frames = this.#hooks.onForgotten?.() ?? ''
    this.#connection?.end(frames)
    // Readers on other nodes look, and find that it is gone.
    this.#hooks.onStored?.()
    this.#giveRoom()
  }

  #flood (): void {
    if (this.#flooded) return
    this.#flooded = true
    if (this.#hooks.onFlood === undefined) this.#fail(new Error('the store takes messages too slowly'))
    else this.#hooks.onFlood()
  }

  /** The reader has not taken what waits for it. What is stored it may fetch later; else the call comes to an end. */
  #overflow (connection: SseConnection): void {
    if (this.#target === null) {
      if (this.#hooks.onFlood === undefined) connection.abort('overflow')
      else this.#flood()
      return
    }
    connection.leave()
  }

  #queueFlush (): void {
    if (this.#flushQueued) return
    this.#flushQueued = true
    process.nextTick(() => {
      this.#flushQueued = false
      this.#flush()
    })
  }

  #flush (): void {
    if (this.#appending || this.#failed || this.#sealed || (this.#waiting.length === 0 && !this.#ended)) return
    const batch = this.#waiting
    const last = this.#sealed = this.#ended
    const characters = this.#waitingCharacters
    this.#waiting = []
    this.#waitingCharacters = 0
    if (this.#target === null) return this.#write(batch, 0, last)
    try {
      const position = (this.#appender ??= new StreamAppender(this.#target)).append(batch, last)
      if (typeof position === 'number') return this.#stored(batch, position, last)
      this.#appending = true
      this.#inFlight = characters
      this.#quiet = position.then(NOTHING, NOTHING)
      position.then(end => {
        this.#appending = false
        this.#inFlight = 0
        if (this.#failed) return
        this.#stored(batch, end, last)
        if (!last) this.#flush()
        this.#giveRoom()
      }).catch(error => this.#fail(error))
    } catch (error) {
      this.#fail(error)
    }
  }

  #stored (batch: readonly string[], position: number, last: boolean): void {
    if (position < batch.length) return this.forget()
    if (this.#connection === null) this.#hooks.onStored?.()
    else this.#write(batch, position - batch.length, last)
  }

  #write (batch: readonly string[], before: number, last: boolean): void {
    this.#begun = true
    const connection = this.#connection
    if (connection === null) return
    let frames = ''
    if (this.#target === null) {
      const frame = this.#hooks.frame ?? messageFrame
      for (const json of batch) frames += frame(json)
    } else {
      for (const json of batch) frames += messageFrame(json, formatEventId(this.#target.stream, ++before))
    }
    if (last) connection.end(frames, batch.length)
    else connection.write(frames, batch.length)
  }

  #fail (error: unknown): void {
    if (this.#failed) return
    this.#appending = false
    this.#failed = true
    this.#waiting = []
    this.#connection?.abort('peer')
    this.#giveRoom()
    this.#hooks.onError(error, this.#quiet)
  }

  get #congested (): boolean {
    if (this.#failed) return false
    return this.#connection?.full === true || this.#waitingCharacters + this.#inFlight >= HIGH_WATER_CHARACTERS
  }

  #room (): Promise<void> {
    return this.#congested ? new Promise(resolve => this.#roomWanted.push(resolve)) : READY
  }

  /** Something changed: whoever waits may go on, unless there is still no room. */
  #giveRoom (): void {
    if (this.#roomWanted.length === 0 || this.#congested) return
    const wanted = this.#roomWanted
    this.#roomWanted = []
    for (const resolve of wanted) resolve()
  }
}
