/** Appends to a stream this node alone writes, through outages of a remote store. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { MaybePromise } from '@mcp/storage'
import type { StreamTarget } from './event-stream.ts'

const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 2_000
/** Longer outages end the stream: nobody waits for it any more. */
const GIVE_UP_MS = 120_000

/**
 * A call that failed may have taken effect all the same, or may still do so: a network that heals delivers what nobody waits for any
 * more. Since nobody else writes the stream, each call says where it ends, and takes effect there alone. One call at a time.
 */
export class StreamAppender {
  readonly #target: StreamTarget
  #end = 0

  constructor (target: StreamTarget) {
    this.#target = target
  }

  /** Position of the last event known to be stored. */
  get end (): number {
    return this.#end
  }

  /** The position of the last message, or 0 when the stream is gone. Rejects when the store fails for good. */
  append (batch: readonly string[], last: boolean): MaybePromise<number> {
    const position = this.#append(batch, last)
    if (typeof position === 'number') return this.#reached(position, batch)
    return position.then(end => this.#reached(end, batch), error => this.#retry(batch, last, error))
  }

  #append (batch: readonly string[], last: boolean): MaybePromise<number> {
    const { events, session, stream } = this.#target
    return events.append(session, stream, batch, last, this.#end)
  }

  #reached (position: number, batch: readonly string[]): number {
    const expected = this.#end + batch.length
    if (position === 0) return 0
    if (position !== expected) throw new Error(`the store holds ${position} events of a stream that has ${expected}`)
    this.#end = position
    return position
  }

  async #retry (batch: readonly string[], last: boolean, failure: unknown): Promise<number> {
    const deadline = performance.now() + GIVE_UP_MS
    for (let error = failure, pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      if (!isUnavailable(error) || performance.now() > deadline) throw error
      await sleep(pause, undefined, { ref: false })
      try {
        return this.#reached(await this.#again(batch, last), batch)
      } catch (again) {
        error = again
      }
    }
  }

  async #again (batch: readonly string[], last: boolean): Promise<number> {
    const position = await this.#append(batch, last)
    if (position > 0 || batch.length === 0) return position
    // It has ended, maybe with this very batch.
    const end = await this.#append([], false)
    return end === this.#end + batch.length ? end : 0
  }
}

/** What a remote storage says while it cannot be reached. */
function isUnavailable (error: unknown): boolean {
  return error instanceof Error && 'statusCode' in error && error.statusCode === 503
}
