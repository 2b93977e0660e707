import { asError } from '../coded-error.ts'
import { MCP_CLIENT_TOO_LARGE } from '../errors.ts'
import type { Limits } from '../limits.ts'
import { eventDecoder, type ServerEvent } from '../stream/event-decoder.ts'
import type { Watches } from '../watches.ts'
import type { HttpCall, HttpReply } from './http.ts'

/** Bodies nobody wants are read on so that the connection can be used again, up to here. */
const DISCARD_BYTES = 64 * 1024
const DISCARD_MS = 5_000

export interface EventHandlers {
  readonly onEvent: (event: ServerEvent) => void
  readonly onRetry?: (ms: number) => void
}

export interface AnswerContext {
  readonly limits: Limits
  readonly watches: Watches
  /** The body was read to its end, or given up. */
  readonly onOver: () => void
}

/** An answer of the server whose body is still to be read, within limits. */
export class Answer {
  readonly status: number
  readonly #call: HttpCall
  readonly #reply: HttpReply
  readonly #limits: Limits
  readonly #context: AnswerContext

  constructor (call: HttpCall, reply: HttpReply, context: AnswerContext) {
    this.status = reply.status
    this.#call = call
    this.#reply = reply
    this.#limits = context.limits
    this.#context = context
  }

  header (name: string): string | undefined {
    return this.#reply.header(name)
  }

  abort (): void {
    this.#call.abort()
    this.#context.onOver()
  }

  /** The whole body. @throws MCP_CLIENT_TOO_LARGE, MCP_CLIENT_TIMEOUT, MCP_CLIENT_CONNECTION_LOST */
  async text (maxBytes = this.#limits.responseBytes): Promise<string> {
    const decoder = new TextDecoder()
    let bytes = 0
    let text = ''
    await this.#read(this.#limits.idleMs, this.#limits.totalMs, chunk => {
      bytes += chunk.byteLength
      if (bytes > maxBytes) throw new MCP_CLIENT_TOO_LARGE(`a reply of more than ${maxBytes} bytes`)
      text += decoder.decode(chunk, { stream: true })
    })
    return text + decoder.decode()
  }

  /** Reads events until the stream ends. @throws MCP_CLIENT_TOO_LARGE, MCP_CLIENT_TIMEOUT, MCP_CLIENT_CONNECTION_LOST */
  async events (handlers: EventHandlers): Promise<void> {
    const decode = eventDecoder({ eventCharacters: this.#limits.eventCharacters, ...handlers })
    await this.#read(this.#limits.idleMs, this.#limits.totalMs, decode)
  }

  /** Nobody wants the body. */
  discard (): void {
    let bytes = 0
    this.#read(DISCARD_MS, DISCARD_MS, chunk => {
      bytes += chunk.byteLength
      if (bytes > DISCARD_BYTES) this.abort()
    }).catch(() => {})
  }

  async #read (idleMs: number, totalMs: number, onChunk: (chunk: Uint8Array) => void): Promise<void> {
    const watch = this.#context.watches.add(idleMs, totalMs, () => this.abort())
    try {
      await this.#reply.read(chunk => {
        watch.touch()
        onChunk(chunk)
      })
    } catch (error) {
      this.abort()
      throw watch.expired ?? asError(error)
    } finally {
      this.#context.watches.delete(watch)
      this.#context.onOver()
    }
  }
}
