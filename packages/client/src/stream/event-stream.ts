import { Header, STREAM_TYPE, essence } from '@mcp/protocol'
import { asError, McpClientError } from '../coded-error.ts'
import {
  MCP_CLIENT_CONNECTION_LOST, MCP_CLIENT_GAVE_UP, MCP_CLIENT_HTTP_STATUS, MCP_CLIENT_STREAM_ENDED, MCP_CLIENT_TIMEOUT,
  MCP_CLIENT_UNREACHABLE
} from '../errors.ts'
import type { Answer } from '../http/answer.ts'
import type { Cancellation } from '../http/caller.ts'
import type { Wire } from '../wire.ts'
import { Backoff, retryAfterMs } from './backoff.ts'
import { SeenIds } from './seen-ids.ts'

export interface EventStreamOptions {
  readonly cancellation: Cancellation
  /** Header fields of the GET that opens or resumes; `undefined`: this stream cannot be resumed. */
  readonly headers: (() => Record<string, string>) | undefined
  /** `request`: over with its response, resumed only after an event id. `standalone`: held as long as the client lives. */
  readonly kind: 'request' | 'standalone'
  readonly onData: (data: string) => void
  readonly onId?: ((id: string) => void) | undefined
  /** Whether anything is still expected. */
  readonly wanted: () => boolean
}

interface Brought {
  message: boolean
  id: boolean
  retry: boolean
}

/** Not worth another attempt. */
export class Hopeless extends Error {
  readonly status: number
  constructor (status: number, error: Error) {
    super(error.message, { cause: error })
    this.status = status
  }
}

/** One legacy or modern stream, over as many connections as it takes. */
export class EventStream {
  lastEventId: string | undefined
  readonly #wire: Wire
  readonly #options: EventStreamOptions
  readonly #backoff: Backoff
  readonly #seen = new SeenIds()
  #retryMs: number | undefined
  /** What the connection that is open, or was last, brought. */
  #brought: Brought = { message: false, id: false, retry: false }

  constructor (wire: Wire, options: EventStreamOptions, lastEventId?: string) {
    this.#wire = wire
    this.#options = options
    this.#backoff = new Backoff(wire.reconnect)
    this.lastEventId = lastEventId
  }

  /**
   * Follows the stream until it is no longer wanted.
   * @param answer The connection to begin with; without one, a GET opens it.
   * @throws MCP_CLIENT_STREAM_ENDED, MCP_CLIENT_GAVE_UP, {@link Hopeless}, or what a reader threw.
   */
  async follow (answer: Answer | undefined): Promise<void> {
    let next = answer
    let failure: Error | undefined
    let first = answer === undefined
    try {
      for (;;) {
        if (next !== undefined) failure = await this.#read(next)
        if (!this.#options.wanted()) return
        if (!first) await this.#pause(failure)
        if (!this.#options.wanted()) return
        first = false
        next = await this.#open().catch((error: unknown) => {
          if (error instanceof Hopeless) throw error
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

  /** @returns Why the connection ended, if not by itself. @throws What makes the stream unusable. */
  async #read (answer: Answer): Promise<Error | undefined> {
    const brought: Brought = { message: false, id: false, retry: false }
    this.#brought = brought
    const opened = performance.now()
    let failure: Error | undefined
    try {
      await answer.events({
        onEvent: ({ id, event, data }) => this.#take(id, event, data),
        onRetry: ms => {
          brought.retry = true
          this.#retryMs = ms
        }
      })
    } catch (error) {
      failure = asError(error)
      if (this.#options.wanted() && !mayPass(failure)) throw failure
    }
    if (brought.message || performance.now() - opened >= this.#wire.reconnect.provenMs) this.#backoff.reset()
    // Closed in order to be polled: that costs nothing, as long as a request waits for its response (I-15).
    else if (this.#options.kind === 'request' && failure === undefined && brought.retry && brought.id) this.#backoff.refund()
    return failure
  }

  #take (id: string | undefined, event: string | undefined, data: string): void {
    if (id !== undefined && id !== '') {
      if (!this.#seen.add(id)) return
      this.#brought.id = true
      this.lastEventId = id
      this.#options.onId?.(id)
    }
    // Empty data only carries the id; other event names are none of ours (C-5).
    if (data === '' || (event !== undefined && event !== 'message')) return
    this.#brought.message = true
    this.#options.onData(data)
  }

  async #pause (failure: Error | undefined): Promise<void> {
    const { kind, headers } = this.#options
    if (headers === undefined || (kind === 'request' && this.lastEventId === undefined)) {
      throw new MCP_CLIENT_STREAM_ENDED(failure?.message ?? 'the server closed it', { cause: failure })
    }
    const asked = failure instanceof McpClientError ? failure.retryAfterMs : undefined
    const delay = this.#backoff.next(asked ?? this.#retryMs)
    if (delay === undefined) throw new MCP_CLIENT_GAVE_UP(failure?.message ?? 'the server closes every connection', { cause: failure })
    await this.#wire.timers.wait(delay, kind === 'request')
  }

  async #open (): Promise<Answer> {
    const { headers, cancellation } = this.#options
    const resume = this.lastEventId === undefined ? {} : { [Header.LastEventId]: this.lastEventId }
    const request = { method: 'GET', url: this.#wire.url, headers: { accept: STREAM_TYPE, ...headers?.(), ...resume } } as const
    const answer = await this.#wire.caller.call(request, cancellation)
    const { status } = answer
    if (status === 200 && essence(answer.header('content-type')) === STREAM_TYPE) {
      this.#wire.state.trouble(this, false)
      return answer
    }
    const error = new MCP_CLIENT_HTTP_STATUS(`${status} to a GET`, { status, retryAfterMs: retryAfterMs(answer.header('retry-after')) })
    answer.discard()
    // 409: an old server still holds the broken connection for open (J-9).
    if (status === 408 || status === 409 || status === 429 || status >= 500) throw error
    throw new Hopeless(status, error)
  }
}

/** Whether the same may work later. */
function mayPass (error: Error): boolean {
  return [MCP_CLIENT_UNREACHABLE, MCP_CLIENT_CONNECTION_LOST, MCP_CLIENT_TIMEOUT, MCP_CLIENT_HTTP_STATUS]
    .some(passing => error instanceof passing)
}
