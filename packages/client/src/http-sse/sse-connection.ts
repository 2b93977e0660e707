import { essence, STREAM_TYPE } from '@mcp/protocol'
import { asError } from '../coded-error.ts'
import {
  MCP_CLIENT_BAD_ENDPOINT, MCP_CLIENT_CLOSED, MCP_CLIENT_STREAM_ENDED, MCP_CLIENT_TIMEOUT, MCP_CLIENT_UNEXPECTED_CONTENT
} from '../errors.ts'
import type { Answer } from '../http/answer.ts'
import { Cancellation } from '../http/caller.ts'
import type { ServerEvent } from '../stream/event-decoder.ts'
import { readRefusal, refusalError } from '../streamable/refusal.ts'
import type { Wire } from '../wire.ts'

/** One connection of the two-endpoint transport: the stream, and where it says messages are to be POSTed. */
export class SseConnection {
  /** Resolves with the reason when the stream ended; not before it was open. */
  readonly ended: Promise<Error | undefined>
  /** Whether it brought a message. */
  proven = false
  readonly #wire: Wire
  readonly #onData: (data: string) => void
  readonly #cancellation = new Cancellation()
  #end: (failure: Error | undefined) => void = () => {}
  #endpoint: URL | undefined
  #opened: (endpoint: URL) => void = () => {}
  #failed: (error: Error) => void = () => {}

  constructor (wire: Wire, onData: (data: string) => void) {
    this.#wire = wire
    this.#onData = onData
    this.ended = new Promise(resolve => { this.#end = resolve })
  }

  /** Opens the stream and waits for the `endpoint` event (F-15). @throws McpClientError */
  async open (headers: Record<string, string>): Promise<URL> {
    const { caller, url, limits, timers } = this.#wire
    const answer = await caller.call({ method: 'GET', url, headers: { accept: STREAM_TYPE, ...headers } }, this.#cancellation)
    if (answer.status !== 200) throw refusalError(await readRefusal(answer))
    if (essence(answer.header('content-type')) !== STREAM_TYPE) {
      answer.discard()
      throw new MCP_CLIENT_UNEXPECTED_CONTENT(answer.header('content-type') ?? 'no content type', { status: answer.status })
    }
    const endpoint = new Promise<URL>((resolve, reject) => {
      this.#opened = resolve
      this.#failed = reject
    })
    const stop = timers.after(limits.briefMs, true, () => {
      this.#failed(new MCP_CLIENT_TIMEOUT(`no endpoint event after ${limits.briefMs} ms`))
      this.close()
    })
    this.#read(answer)
    return endpoint.finally(stop)
  }

  close (): void {
    this.#cancellation.cancel()
  }

  async #read (answer: Answer): Promise<void> {
    const started = performance.now()
    const failure = await answer.events({ onEvent: event => this.#take(event) }).then(() => undefined, asError)
    if (performance.now() - started >= this.#wire.reconnect.provenMs) this.proven = true
    this.#failed(this.#wire.closed ? new MCP_CLIENT_CLOSED() : failure ?? new MCP_CLIENT_STREAM_ENDED('it closed before its endpoint event'))
    this.#end(failure)
  }

  #take ({ event, data }: ServerEvent): void {
    if (event === 'endpoint') return this.#named(data)
    if (data === '' || (event !== undefined && event !== 'message')) return
    this.proven = true
    this.#onData(data)
  }

  /** Credentials go where the user said, to no other origin; and once named, the endpoint stays (F-15, F-16). */
  #named (text: string): void {
    const { url } = this.#wire
    if (this.#endpoint !== undefined) return this.#wire.report(new MCP_CLIENT_BAD_ENDPOINT('it named a second one, which is ignored'))
    const endpoint = URL.canParse(text, url.href) ? new URL(text, url) : undefined
    if (endpoint === undefined || endpoint.origin !== url.origin || endpoint.username !== '' || endpoint.password !== '') {
      this.#failed(new MCP_CLIENT_BAD_ENDPOINT(endpoint === undefined ? 'no URL' : `it is at ${endpoint.origin}, not at ${url.origin}`))
      return this.close()
    }
    this.#endpoint = endpoint
    this.#opened(endpoint)
  }
}
