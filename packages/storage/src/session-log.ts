import { Queue } from './queue.ts'
import type { Evictable } from './memory-budget.ts'
import type { EventBounds, EventPage, StoredEvent, StreamOwner } from './contract.ts'

interface Stream {
  readonly name: string
  readonly owner: StreamOwner
  /** Kept messages, oldest first. */
  readonly messages: Queue<string>
  /** How many messages came before the kept ones. */
  trimmed: number
  ended: boolean
  /** Let go of to make room; its runs are passed over. */
  dropped: boolean
}

/** Neighbouring events of one stream that age together. */
interface Run {
  readonly stream: Stream
  readonly at: number
  /** 0 is the mark of a stream that ended with nothing kept; it lets readers see the end until it ages. */
  count: number
}

/** What an event, and a stream, take beside their text. An estimate. */
const EVENT_BYTES = 64
const STREAM_BYTES = 512
/** Dropped streams whose runs may wait for their turn in the queue. */
const MAX_DROPPED_STREAMS = 1_000

/** The events of one session: streams of messages, and one queue over all of them that knows which is the oldest. */
export class SessionLog implements Evictable {
  readonly #bounds: EventBounds
  readonly #streams = new Map<string, Stream>()
  #runs = new Queue<Run>()
  #droppedStreams = 0
  #events = 0
  #bytes = 0
  #touchedAt = 0

  constructor (bounds: EventBounds) {
    this.#bounds = bounds
  }

  get isEmpty (): boolean {
    return this.#streams.size === 0
  }

  /** What it takes of a budget, in bytes. */
  get cost (): number {
    return this.#bytes + this.#events * EVENT_BYTES + this.#streams.size * STREAM_BYTES
  }

  /** Whether nothing was written for as long as events are kept. */
  isIdle (now: number): boolean {
    return this.#touchedAt + this.#bounds.maxAgeMs <= now
  }

  open (name: string, owner: StreamOwner, now: number): void {
    this.#touchedAt = now
    if (this.#streams.has(name)) return
    const copy: StreamOwner = { node: owner.node, requestIds: Object.freeze([...owner.requestIds]) }
    this.#streams.set(name, { name, owner: Object.freeze(copy), messages: new Queue(), trimmed: 0, ended: false, dropped: false })
  }

  append (name: string, messages: readonly string[], ended: boolean, now: number, after?: number): number {
    const stream = this.#streams.get(name)
    if (stream === undefined || (stream.ended && messages.length > 0)) return 0
    if (after !== undefined && after !== endOf(stream)) return endOf(stream)
    this.#touchedAt = now
    for (const message of messages) {
      stream.messages.push(message)
      this.#bytes += message.length
    }
    this.#events += messages.length
    const end = endOf(stream)
    if (messages.length > 0) this.#record(stream, messages.length, now)
    else if (ended && !stream.ended && stream.messages.length === 0) this.#record(stream, 0, now)
    stream.ended ||= ended
    this.trim(now)
    return end
  }

  read (name: string, after: number, limit: number, now: number): EventPage | null {
    this.trim(now)
    const stream = this.#streams.get(name)
    if (stream === undefined || !Number.isSafeInteger(after)) return null
    const end = endOf(stream)
    if (after < stream.trimmed || after > end) return null
    const last = Math.min(after + limit, end)
    const events: StoredEvent[] = []
    for (let position = after + 1; position <= last; position++) {
      events.push({ position, message: stream.messages.at(position - stream.trimmed - 1) })
    }
    return { events, ended: stream.ended && last === end, owner: stream.owner }
  }

  /** Lets go of what the bounds no longer allow, oldest first. */
  trim (now: number): void {
    const { maxEvents, maxBytes, maxAgeMs } = this.#bounds
    while (this.#runs.length > 0) {
      const run = this.#runs.at(0)
      if (run.stream.dropped) {
        this.#runs.shift()
        continue
      }
      const aged = run.at + maxAgeMs <= now
      if (!aged && this.#events <= maxEvents && this.#bytes <= maxBytes) return
      if (run.count > 0) this.#dropOldest(run)
      if (run.count > 0) continue
      this.#runs.shift()
      if (run.stream.ended && run.stream.messages.length === 0) this.#streams.delete(run.stream.name)
    }
  }

  /** Lets go of the oldest stream that has ended. `false`: there is none. */
  dropFinished (): boolean {
    for (const stream of this.#streams.values()) {
      if (!stream.ended) continue
      this.#dropStream(stream)
      return true
    }
    return false
  }

  /** Lets go of the oldest event. `false`: there is none. */
  dropOldest (): boolean {
    this.trim(-Infinity)
    if (this.#runs.length === 0) return false
    const run = this.#runs.at(0)
    if (run.count > 0) this.#dropOldest(run)
    if (run.count > 0) return true
    this.#runs.shift()
    if (run.stream.ended && run.stream.messages.length === 0) this.#streams.delete(run.stream.name)
    return true
  }

  #dropStream (stream: Stream): void {
    this.#streams.delete(stream.name)
    stream.dropped = true
    this.#events -= stream.messages.length
    while (stream.messages.length > 0) this.#bytes -= stream.messages.shift().length
    if (++this.#droppedStreams < MAX_DROPPED_STREAMS) return
    const runs = new Queue<Run>()
    while (this.#runs.length > 0) {
      const run = this.#runs.shift()
      if (!run.stream.dropped) runs.push(run)
    }
    this.#runs = runs
    this.#droppedStreams = 0
  }

  #dropOldest (run: Run): void {
    this.#bytes -= run.stream.messages.shift().length
    this.#events--
    run.stream.trimmed++
    run.count--
  }

  #record (stream: Stream, count: number, now: number): void {
    const newest = this.#runs.length > 0 ? this.#runs.at(this.#runs.length - 1) : undefined
    // One run for what was written within a small part of the age bound: a burst costs a few runs, not one per event.
    if (newest?.stream === stream && now - newest.at < this.#bounds.maxAgeMs / 100) newest.count += count
    else this.#runs.push({ stream, at: now, count })
  }
}

function endOf (stream: Stream): number {
  return stream.trimmed + stream.messages.length
}
