import { STREAM_TYPE, essence } from '@mcp/protocol'
import * as Header from '@mcp/protocol/header'
import { asError, McpClientError } from '../coded-error.ts'
import {
  MCP_CLIENT_CONNECTION_LOST, MCP_CLIENT_GAVE_UP, MCP_CLIENT_HTTP_STATUS, MCP_CLIENT_STREAM_ENDED, MCP_CLIENT_THROTTLED, MCP_CLIENT_TIMEOUT,
  MCP_CLIENT_UNEXPECTED_CONTENT, MCP_CLIENT_UNREACHABLE
} from '../errors.ts'
import type { Answer } from '../http/answer.ts'
import type { Cancellation } from '../http/caller.ts'
import { readRefusal, refusalError } from '../refusal.ts'
import type { Wire } from '../wire.ts'
import { Backoff } from './backoff.ts'
import type { ServerEvent } from './event-decoder.ts'
import { SeenIds } from './seen-ids.ts'

export interface EventStreamOptions {
  readonly cancellation: Cancellation
  /** Header fields of the GET that opens or resumes; `undefined`: this stream cannot be resumed. */
  readonly headers: (() => Record<string, string>) | undefined
  /**
   * `request`: over with its response, resumed only after an event id. `standalone`: held as long as the client lives. `session`: the same,
   * and each connection begins anew.
   */
  readonly kind: 'request' | 'standalone' | 'session'
  readonly onData: (data: string) => void
  readonly onId?: ((id: string) => void) | undefined
  /** Events that are no messages. */
  readonly onOther?: (name: string, data: string) => void
  readonly onOpen?: () => void
  /** A connection ended, or could not be had. */
  readonly onLost?: (failure: Error | undefined) => void
  /** Whether anything is still expected. */
  readonly wanted: () => boolean
}

/** One stream, over as many connections as it takes. */
export class EventStream {
  lastEventId: string | undefined
  readonly #wire: Wire
  readonly #options: EventStreamOptions
  readonly #backoff: Backoff
  readonly #seen = new SeenIds()
  #retryMs: number | undefined
  /** What the connection that is open, or was last, brought. */
  #brought = nothing()
  #interruption: Error | undefined

  constructor (wire: Wire, options: EventStreamOptions, lastEventId?: string) {
    this.#wire = wire
    this.#options = options
    this.#backoff = new Backoff(wire.reconnect)
    this.lastEventId = lastEventId
  }

  /**
   * Follows the stream until it is no longer wanted.
   * @param answer The connection to begin with; without one, a GET opens it.
   * @throws MCP_CLIENT_STREAM_ENDED, MCP_CLIENT_GAVE_UP, what {@link open} throws that will not pass, or what a reader threw.
   */
  async follow (answer: Answer | undefined): Promise<void> {
    const { wanted, onLost } = this.#options
    let next = answer
    let failure: Error | undefined
    let first = answer === undefined
    try {
      for (;;) {
        if (next !== undefined) failure = await this.#read(next)
        if (!wanted()) return
        if (!first) {
          onLost?.(failure)
          await this.#pause(failure)
        }
        if (!wanted()) return
        first = false
        next = await this.open().catch((error: unknown) => {
          failure = asError(error)
          if (!mayPass(failure)) throw failure
          this.#wire.state.trouble(this, true)
          return undefined
        })
      }
    } finally {
      this.#wire.state.trouble(this, false)
    }
  }

  /** Asks for the stream. @throws MCP_CLIENT_HTTP_STATUS, MCP_CLIENT_THROTTLED, MCP_CLIENT_UNEXPECTED_CONTENT, or what calls throw. */
  async open (): Promise<Answer> {
    const { headers, cancellation, kind } = this.#options
    const resume = this.lastEventId === undefined || kind === 'session' ? {} : { [Header.LastEventId]: this.lastEventId }
    const request = { method: 'GET', url: this.#wire.url, headers: { accept: STREAM_TYPE, ...headers?.(), ...resume } } as const
    const answer = await this.#wire.caller.call(request, cancellation)
    const { status } = answer
    if (status !== 200) throw refusalError(await readRefusal(answer))
    const type = answer.header('content-type')
    if (essence(type) === STREAM_TYPE) {
      this.#wire.state.trouble(this, false)
      return answer
    }
    answer.discard()
    throw new MCP_CLIENT_UNEXPECTED_CONTENT(`${type} to a GET`, { status })
  }

  /** Gives up the connection that is open, and takes up the next one. */
  interrupt (why: Error): void {
    this.#interruption = why
    this.#options.cancellation.interrupt()
  }

  /** @returns Why the connection ended, if not by itself. @throws What makes the stream unusable. */
  async #read (answer: Answer): Promise<Error | undefined> {
    const { wanted, kind, onOpen } = this.#options
    const brought = this.#brought = nothing()
    const opened = performance.now()
    let failure: Error | undefined
    this.#interruption = undefined
    onOpen?.()
    try {
      await answer.events({
        onEvent: event => this.#take(event),
        onRetry: ms => {
          brought.retry = true
          this.#retryMs = ms
        }
      })
    } catch (error) {
      failure = this.#interruption ?? asError(error)
      if (wanted() && failure !== this.#interruption && !mayPass(failure)) throw failure
    }
    if (brought.message || performance.now() - opened >= this.#wire.reconnect.provenMs) this.#backoff.reset()
    // Closed in order to be polled: that costs nothing, as long as a request waits for its response (I-15).
    else if (kind === 'request' && failure === undefined && brought.retry && brought.id) this.#backoff.refund()
    return failure
  }

  #take ({ id, event = 'message', data }: ServerEvent): void {
    if (id !== undefined && id !== '') {
      if (!this.#seen.add(id)) return
      this.#brought.id = true
      this.lastEventId = id
      this.#options.onId?.(id)
    }
    // Empty data only carries the id; other event names are none of ours (C-5).
    if (data === '') return
    if (event !== 'message') return this.#options.onOther?.(event, data)
    this.#brought.message = true
    this.#options.onData(data)
  }

  async #pause (failure: Error | undefined): Promise<void> {
    const { kind, headers } = this.#options
    const fields = { cause: failure }
    if (headers === undefined || (kind === 'request' && this.lastEventId === undefined)) {
      throw new MCP_CLIENT_STREAM_ENDED(failure?.message ?? 'the server closed it', fields)
    }
    const asked = failure instanceof McpClientError ? failure.retryAfterMs : undefined
    const delay = this.#backoff.next(asked ?? this.#retryMs)
    if (delay === undefined) throw new MCP_CLIENT_GAVE_UP(failure?.message ?? 'the server closed it', fields)
    // As an open connection does, waiting for the next one keeps a process alive, unless all it would bring is news.
    await this.#wire.timers.wait(delay, kind !== 'standalone')
  }
}

/** Whether the same may work later. 409: an old server still holds the broken connection for open (J-9). */
function mayPass (error: Error): boolean {
  if (error instanceof MCP_CLIENT_HTTP_STATUS) return (error.status ?? 0) >= 500 || error.status === 408 || error.status === 409
  const passing = [MCP_CLIENT_UNREACHABLE, MCP_CLIENT_CONNECTION_LOST, MCP_CLIENT_TIMEOUT, MCP_CLIENT_THROTTLED]
  return passing.some(each => error instanceof each)
}

function nothing (): { message: boolean, id: boolean, retry: boolean } {
  return { message: false, id: false, retry: false }
}
