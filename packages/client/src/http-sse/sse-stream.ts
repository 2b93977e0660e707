import { MCP_CLIENT_BAD_ENDPOINT, MCP_CLIENT_STREAM_ENDED, MCP_CLIENT_TIMEOUT } from '../errors.ts'
import { Cancellation } from '../http/caller.ts'
import { urlAt } from '../options.ts'
import { EventStream } from '../stream/event-stream.ts'
import type { SseTalk } from './sse-message.ts'

export interface SseHooks {
  readonly onData: (data: string) => void
  /** A further connection named its endpoint. When this rejects, the connection is given up. */
  readonly again: () => Promise<void>
  /** A connection ended, or could not be had. */
  readonly lost: (failure: Error) => void
  /** There will be none any more. */
  readonly gaveUp: (error: Error) => void
}

/** The stream of the two-endpoint transport, connection after connection; each says where messages are to be POSTed (F-15…F-17). */
export class SseStream {
  readonly #talk: SseTalk
  readonly #hooks: SseHooks
  readonly #cancellation = new Cancellation()
  readonly #stream: EventStream
  #stopWaiting = (): void => {}
  #started = false
  #onStart = (): void => {}

  constructor (talk: SseTalk, hooks: SseHooks) {
    this.#talk = talk
    this.#hooks = hooks
    const { wire, session } = talk
    this.#stream = new EventStream(wire, {
      kind: 'session',
      cancellation: this.#cancellation,
      headers: () => session.headers(),
      onData: hooks.onData,
      onOther: (name, data) => { if (name === 'endpoint') this.#named(data) },
      onOpen: () => this.#opened(),
      onLost: failure => this.#lost(failure),
      wanted: () => !wire.closed
    })
  }

  /** Opens it and waits for the `endpoint` event (F-15). @throws McpClientError */
  async start (): Promise<void> {
    const answer = await this.#stream.open()
    await new Promise<void>((resolve, reject) => {
      this.#onStart = resolve
      this.#stream.follow(answer).catch((error: Error) => {
        if (this.#started) this.#hooks.gaveUp(error)
        reject(error)
      })
    })
  }

  close (): void {
    this.#cancellation.cancel()
  }

  #opened (): void {
    const { wire: { timers, limits: { briefMs } } } = this.#talk
    this.#stopWaiting = timers.after(briefMs, true, () => this.#stream.interrupt(new MCP_CLIENT_TIMEOUT(`no endpoint event after ${briefMs} ms`)))
  }

  #lost (failure: Error = new MCP_CLIENT_STREAM_ENDED('the server closed it')): void {
    this.#stopWaiting()
    this.#talk.endpoint = undefined
    if (!this.#started) throw failure
    this.#talk.wire.report(failure)
    this.#hooks.lost(failure)
  }

  /** Credentials go where the user said, to no other origin; and once named, the endpoint stays (F-15, F-16). */
  #named (text: string): void {
    const { wire, endpoint } = this.#talk
    if (endpoint !== undefined) return wire.report(new MCP_CLIENT_BAD_ENDPOINT('a second one is ignored'))
    this.#stopWaiting()
    const named = urlAt(text, wire.url)
    if (named?.origin !== wire.url.origin || named.username !== '' || named.password !== '') {
      throw new MCP_CLIENT_BAD_ENDPOINT(named === undefined ? 'no URL' : named.origin)
    }
    this.#talk.endpoint = named
    if (this.#started) this.#hooks.again().catch((error: Error) => this.#stream.interrupt(error))
    this.#started = true
    this.#onStart()
  }
}
