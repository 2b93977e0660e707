/** The reading end of a stored stream: replay what was missed, then follow, without gap or duplicate. */
import type { SseConnection } from './connection.ts'
import { formatEventId } from './event-id.ts'
import type { StreamTarget } from './event-stream.ts'
import { messageFrame } from './frame.ts'

/** Events read from the store at once. */
const PAGE = 256

export interface StreamReaderHooks {
  /** The store failed; the reader's connection ends. */
  onError (error: unknown): void
  /**
   * The store no longer has the event after `position`. Answers the frames that tell the reader, after which its connection ends, or the
   * position after which the stream goes on. Absent: an error.
   */
  onLost? (position: number): string | Promise<string | number>
}

/**
 * Writes a stream to one connection from the store alone. Wakes only say "look again", so it does not matter when or how
 * often they come, nor on which node the events were written.
 */
export class StreamReader {
  readonly #target: StreamTarget
  readonly #connection: SseConnection
  readonly #hooks: StreamReaderHooks
  #position: number
  /** Whether all that was stored before it came was written: what the store gives from then on is no replay. */
  #caughtUp = false
  #reading = false
  #wanted = false

  constructor (target: StreamTarget, after: number, connection: SseConnection, hooks: StreamReaderHooks) {
    this.#target = target
    this.#position = after
    this.#connection = connection
    this.#hooks = hooks
    connection.onDrain(() => this.wake())
  }

  /** Position of the last event written. */
  get position (): number {
    return this.#position
  }

  /** There may be something new in the store. */
  wake (): void {
    this.#wanted = true
    if (this.#reading || !this.#connection.open || this.#connection.full) return
    this.#reading = true
    this.#read().catch(error => {
      this.#connection.end()
      this.#hooks.onError(error)
    })
  }

  /**
   * A message that was just stored on this node at `position`: written at once where it is the next one and nothing stands
   * before it, else found by the next look into the store.
   */
  offer (json: string, position: number): void {
    if (this.#reading || this.#connection.full || position !== this.#position + 1) return this.wake()
    this.#position = position
    this.#connection.write(messageFrame(json, formatEventId(this.#target.stream, position)), 1)
  }

  async #read (): Promise<void> {
    try {
      while (this.#wanted && this.#connection.open && !this.#connection.full) await this.#readPage()
    } finally {
      // In the same breath as the last look at #wanted: a wake in between would find somebody reading who no longer looks.
      this.#reading = false
    }
  }

  async #lost (): Promise<void> {
    if (this.#hooks.onLost === undefined) throw new Error(`stream ${this.#target.stream} cannot be continued after event ${this.#position}`)
    const next = await this.#hooks.onLost(this.#position)
    if (typeof next === 'string') return this.#connection.end(next)
    this.#position = next
    this.#wanted = true
  }

  async #readPage (): Promise<void> {
    const { events, session, stream } = this.#target
    this.#wanted = false
    const page = await events.read(session, stream, this.#position, PAGE)
    if (page === null) return this.#lost()
    let frames = ''
    for (const { position, message } of page.events) {
      this.#position = position
      frames += messageFrame(message, formatEventId(stream, position))
    }
    const written = page.events.length
    const replayed = this.#caughtUp ? 0 : written
    if (page.ended) return this.#connection.end(frames, written, replayed)
    if (written > 0) this.#connection.write(frames, written, replayed)
    if (written === PAGE) this.#wanted = true
    else this.#caughtUp = true
  }
}
