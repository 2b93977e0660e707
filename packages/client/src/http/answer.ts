import { asError } from '../coded-error.ts'
import { MCP_CLIENT_TOO_LARGE } from '../errors.ts'
import type { Limits } from '../limits.ts'
import { eventDecoder, type EventHandlers } from '../stream/event-decoder.ts'
import type { Timers } from '../timers.ts'
import { Watch } from '../watch.ts'
import type { HttpCall, HttpReply } from './http.ts'

/** Bodies nobody wants are read on so that the connection can be used again, up to here. */
const DISCARD_BYTES = 64 * 1024
const DISCARD_MS = 5_000

/** An answer of the server whose body is still to be read, within limits. */
export class Answer {
  readonly status: number
  readonly #call: HttpCall
  readonly #reply: HttpReply
  readonly #limits: Limits
  readonly #timers: Timers
  readonly #onOver: () => void

  /** @param onOver The body was read to its end, or given up. */
  constructor (call: HttpCall, reply: HttpReply, limits: Limits, timers: Timers, onOver: () => void) {
    this.status = reply.status
    this.#call = call
    this.#reply = reply
    this.#limits = limits
    this.#timers = timers
    this.#onOver = onOver
  }

  get ok (): boolean {
    return this.status >= 200 && this.status < 300
  }

  header (name: string): string | undefined {
    return this.#reply.header(name)
  }

  /** The whole body. @throws MCP_CLIENT_TOO_LARGE, MCP_CLIENT_TIMEOUT, MCP_CLIENT_CONNECTION_LOST */
  async text (maxBytes = this.#limits.responseBytes): Promise<string> {
    const decoder = new TextDecoder()
    let bytes = 0
    let text = ''
    await this.#read(chunk => {
      bytes += chunk.byteLength
      if (bytes > maxBytes) throw new MCP_CLIENT_TOO_LARGE(`a reply of more than ${maxBytes} bytes`)
      text += decoder.decode(chunk, { stream: true })
    })
    return text + decoder.decode()
  }

  /** Reads events until the stream ends. @throws MCP_CLIENT_TOO_LARGE, MCP_CLIENT_TIMEOUT, MCP_CLIENT_CONNECTION_LOST */
  events (handlers: EventHandlers): Promise<void> {
    return this.#read(eventDecoder(this.#limits.eventCharacters, handlers))
  }

  /** Nobody wants the body. */
  discard (): void {
    let bytes = 0
    this.#read(chunk => {
      bytes += chunk.byteLength
      if (bytes > DISCARD_BYTES) this.#abort()
    }, DISCARD_MS, DISCARD_MS).catch(() => {})
  }

  #abort (): void {
    this.#call.abort()
    this.#onOver()
  }

  async #read (onChunk: (chunk: Uint8Array) => void, idleMs = this.#limits.idleMs, totalMs = this.#limits.totalMs): Promise<void> {
    const watch = new Watch(this.#timers, idleMs, totalMs, () => this.#abort())
    try {
      await this.#reply.read(chunk => {
        watch.touch()
        onChunk(chunk)
      })
    } catch (error) {
      this.#abort()
      throw watch.expired ?? asError(error)
    } finally {
      watch.stop()
      this.#onOver()
    }
  }
}
