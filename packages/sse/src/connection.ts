/** One open `text/event-stream` reply: text in, backpressure out. */
import { ServerResponse } from 'node:http'
import { constants, Http2ServerResponse } from 'node:http2'
import { Readable, type Writable } from 'node:stream'
import type { StreamWatch } from '@mcp/protocol'
import { KEEP_ALIVE } from './frame.ts'
import { FrameQueue, SLICE_CHARACTERS } from './frame-queue.ts'
import type { Holder, UnsentBudget } from './unsent-budget.ts'

/** What may be written before Fastify pipes the reply until writers should wait. */
const EARLY_CHARACTERS = 64 * 1024

export interface ConnectionLimits {
  /** When more than this waits unsent and another write comes, the connection overflows. */
  readonly maxUnsentBytes: number
  /** Keep-alive sweeps that a reader may take nothing of what waits, before the connection is cut. */
  readonly maxStalledSweeps: number
  /** What all connections may hold together. */
  readonly budget?: UnsentBudget
}

/** Why a connection is over. `overflow`: the reader was too slow. `peer`: it went away. `ended`: we said all. */
export type CloseReason = 'ended' | 'peer' | 'overflow'

/**
 * The payload of a streamed reply. Fastify pipes it like any stream, so hooks run and headers set elsewhere survive; when
 * it is piped, frames go straight to the destination, one `write` each, without the cost of a readable buffer between.
 */
export class SseConnection extends Readable implements Holder {
  readonly #limits: ConnectionLimits
  readonly #forget: (connection: SseConnection) => void
  readonly #watch: StreamWatch | undefined
  #destination: Writable | null = null
  #endsDestination = true
  /** Whether the peer's socket closes with the stream: it would hold a closing server open as an idle connection. */
  #hangsUp = false
  /** What waits until Fastify has piped the reply, or until the destination has room. */
  readonly #queue = new FrameQueue()
  /** What the last write answered: whether its writer should wait. Not every destination is a socket that says so later. */
  #clogged = false
  #hearsDrain = false
  #over = false
  /** Whether what waited at the end still goes out. */
  #drains = false
  /** Whether the destination was ended. */
  #completed = false
  #reason: CloseReason = 'peer'
  #sweepsSinceWrite = 0
  #stalledSweeps = 0
  /** Whether the reader took something since the last sweep. */
  #progress = false
  #onDrain: (() => void) | null = null
  #onOver: ((reason: CloseReason) => void) | null = null
  #onOverflow: (() => void) | null = null
  #onShutdown: (() => void) | null = null

  /**
   * `forget` is called when there is nothing left to sweep: the connection is over and all of it was taken, or it was cut.
   * `silent`: the headers wait for the first frame, else they go out at once. `watch` hears what is written and how it ends.
   */
  constructor (limits: ConnectionLimits, forget: (connection: SseConnection) => void = () => {}, silent = false, watch?: StreamWatch) {
    super({ highWaterMark: 0 })
    this.#forget = forget
    this.#watch = watch
    this.#limits = limits
    // The first bytes carry the headers and show every proxy that the stream lives.
    if (!silent) this.#enqueue(KEEP_ALIVE)
  }

  /** Whether more may be written: neither ended nor lost. */
  get open (): boolean {
    return !this.#over
  }

  /** UTF-16 code units that wait here until the peer has taken what is before them. */
  get queued (): number {
    return this.#queue.characters
  }

  /** What waits for the peer, here and in the buffer of its socket: bytes there, UTF-16 code units here. */
  get unsent (): number {
    return this.#queue.characters + (this.#destination?.writableLength ?? 0)
  }

  /** Whether the peer's buffer is full; {@link onDrain} tells when it no longer is. */
  get full (): boolean {
    return this.#destination === null ? this.#queue.characters > EARLY_CHARACTERS : this.#clogged || !this.#queue.empty
  }

  /** Writes whole frames that hold so many events, some of them replayed. What is written to a closed connection is dropped. */
  write (frames: string, events = 0, replayed = 0): void {
    if (this.#over) return
    // What waited before counts and not the new frames: a large message says nothing about its reader.
    if (this.full && this.unsent > this.#limits.maxUnsentBytes) return this.#overflow()
    this.#put(frames, events, replayed)
  }

  /** Writes what is left to say, then ends the reply in order. */
  end (frames: string = '', events = 0, replayed = 0): void {
    if (this.#over) return
    if (frames !== '') this.#put(frames, events, replayed)
    if (this.#over) return
    this.#finish('ended')
    if (this.#destination !== null && this.#queue.empty) this.#complete()
  }

  /** Ends the reply of a reader that is too slow in order: it may have what waits for it, and gets nothing more. */
  leave (): void {
    if (this.#over) return
    this.#finish('overflow', true)
    if (this.#destination !== null && this.#queue.empty) this.#complete()
  }

  /** Cuts the connection; what waits unsent is lost. */
  abort (reason: CloseReason): void {
    // One that ended before its turn on the connection came, which never will now: Node tells its reply nothing of that.
    if (this.#over && reason === 'peer') this.#forget(this)
    if (this.#over) return
    this.#finish(reason)
    // A reader that stalls never takes the end of the reply either, so its socket goes.
    cut(this.#destination)
    this.destroy()
  }

  /** One listener: the peer has room again, or will never need any. */
  onDrain (listener: () => void): void {
    this.#onDrain = listener
  }

  /** One listener: nothing can be written any more. */
  onOver (listener: (reason: CloseReason) => void): void {
    this.#onOver = listener
  }

  /** One listener: more waits than may, and another write came, which is dropped. Without a listener the connection is cut. */
  onOverflow (listener: () => void): void {
    this.#onOverflow = listener
  }

  /** One listener: the server closes and asks the connection's owner to come to an end. */
  onShutdown (listener: () => void): void {
    this.#onShutdown = listener
  }

  /** Hands the end to the owner, or ends at once where nobody wants to say more. */
  shutdown (): void {
    this.#hangsUp = true
    if (this.#onShutdown === null) this.end()
    else this.#onShutdown()
  }

  /**
   * Called several times in a keep-alive interval: writes a comment when nothing was written since the last but one call, and cuts a
   * connection whose reader has taken nothing for too long. A reader that takes some of it, however slowly, may have the rest.
   */
  sweep (): void {
    const stalled = !this.#progress && (this.#over || this.full)
    this.#progress = false
    this.#stalledSweeps = stalled ? this.#stalledSweeps + 1 : 0
    if (this.#stalledSweeps > this.#limits.maxStalledSweeps) {
      if (this.#over) this.#drop()
      else this.abort('overflow')
    } else if (!this.#over && !this.full && ++this.#sweepsSinceWrite >= 2) {
      this.write(KEEP_ALIVE)
    }
  }

  override pipe<T extends NodeJS.WritableStream> (destination: T, options?: { end?: boolean }): T {
    const writable = destination as unknown as Writable
    this.#destination = writable
    this.#endsDestination = options?.end !== false
    this.#pump()
    if (!this.#over && !this.#clogged) this.#onDrain?.()
    return destination
  }

  override _read (): void {}

  override _destroy (error: Error | null, done: (error?: Error | null) => void): void {
    this.#finish('peer')
    done(error)
  }

  /** Writes at once where nothing waits, else behind what waits. */
  #put (frames: string, events: number, replayed: number): void {
    this.#sweepsSinceWrite = 0
    if (events > 0) this.#watch?.wrote(events, replayed)
    if (this.#destination !== null && !this.full && frames.length <= SLICE_CHARACTERS) return this.#pass(this.#destination, frames)
    this.#enqueue(frames)
    this.#pump()
  }

  #enqueue (frames: string): void {
    this.#queue.add(frames)
    this.#limits.budget?.change(frames.length)
  }

  #pump (): void {
    if (this.#destination === null) return
    while (!this.#clogged && !this.#queue.empty) {
      const slice = this.#queue.take()
      this.#limits.budget?.change(-slice.length)
      this.#pass(this.#destination, slice)
    }
    if (this.#over && this.#drains && this.#queue.empty) this.#complete()
  }

  #overflow (): void {
    if (this.#onOverflow === null) this.abort('overflow')
    else this.#onOverflow()
  }

  #pass (destination: Writable, frames: string): void {
    this.#clogged = !destination.write(frames)
    // Most streams are idle and never need to hear of it.
    if (this.#clogged && !this.#hearsDrain) {
      this.#hearsDrain = true
      destination.on('drain', () => this.#drained())
    }
  }

  #drained (): void {
    this.#clogged = false
    this.#progress = true
    this.#pump()
    if (!this.full) this.#onDrain?.()
  }

  /** @param drains Whether what waits still goes out. */
  #finish (reason: CloseReason, drains = reason === 'ended'): void {
    if (this.#over) return
    this.#over = true
    this.#reason = reason
    this.#drains = drains
    const onOver = this.#onOver
    const onDrain = this.#onDrain
    this.#onOver = this.#onDrain = this.#onShutdown = this.#onOverflow = null
    if (!drains) this.#discard()
    if (!drains || this.#destination === null) this.#forget(this)
    this.#watch?.closed(reason)
    onOver?.(this.#reason)
    onDrain?.()
  }

  #discard (): void {
    const { characters } = this.#queue
    this.#queue.clear()
    if (characters > 0) this.#limits.budget?.change(-characters)
  }

  /** The reader does not take the rest of a reply that has ended. */
  #drop (): void {
    this.#discard()
    cut(this.#destination)
  }

  #complete (): void {
    if (this.#completed) return
    this.#completed = true
    const destination = this.#destination
    if (this.#endsDestination && destination !== null) {
      const socket = destination instanceof ServerResponse ? destination.socket : null
      destination.once('close', () => this.#forget(this))
      destination.end(() => {
        this.#forget(this)
        if (this.#hangsUp) socket?.end()
      })
    } else {
      this.#forget(this)
    }
    // The readable side never held anything: this lets whoever waits for its end go on.
    this.push(null)
    this.resume()
  }
}

/** Ends a reply so that its reader sees an error. On HTTP/2 `destroy()` alone looks like the end of a complete reply. */
function cut (destination: Writable | null): void {
  // Fastify's types know only the replies of HTTP/1.
  const reply: unknown = destination
  if (reply instanceof Http2ServerResponse) reply.stream.close(constants.NGHTTP2_INTERNAL_ERROR)
  else destination?.destroy()
}
