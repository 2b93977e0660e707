import { Cancellation } from '../http/caller.ts'
import { McpClientError } from '../coded-error.ts'
import { GONE } from '../refusal.ts'
import { EventStream } from '../stream/event-stream.ts'
import type { Conversation } from './conversation.ts'

/** The GET stream of a legacy session: what the server says on its own. Whatever happens to it, POSTs go on. */
export class StandaloneStream {
  readonly #talk: Conversation
  #cancellation: Cancellation | undefined

  constructor (talk: Conversation) {
    this.#talk = talk
  }

  /** Opens it, in place of an open one: that belonged to an earlier session. */
  open (): void {
    this.close()
    this.#cancellation = new Cancellation()
    this.#hold(this.#cancellation).catch(error => this.#talk.wire.report(error))
  }

  close (): void {
    this.#cancellation?.cancel()
    this.#cancellation = undefined
  }

  async #hold (cancellation: Cancellation): Promise<void> {
    const { wire, session } = this.#talk
    const id = session.id
    const unwanted = (): boolean => cancellation.cancelled || wire.closed
    for (let fresh = false; ; fresh = true) {
      const stream = new EventStream(wire, {
        kind: 'standalone',
        cancellation,
        headers: () => session.headers(),
        onData: data => wire.take(data, response => this.#talk.answered(response)),
        wanted: () => !unwanted()
      })
      try {
        return await stream.follow(undefined)
      } catch (error) {
        if (unwanted()) return
        const status = error instanceof McpClientError ? error.status : undefined
        if (status !== undefined && GONE.has(status) && id !== undefined) return this.#renew(id)
        // No such stream is offered, and need not be.
        if (status === 405 || (status === 404 && id === undefined)) return
        wire.report(error)
        // The event it was to go on after is not kept any more.
        if (status !== 400 || stream.lastEventId === undefined || fresh) return
      }
    }
  }

  /** Beginning the session anew opens the stream anew. */
  async #renew (id: string): Promise<void> {
    try {
      await this.#talk.renew(id)
    } catch (error) {
      this.#talk.wire.report(error)
    }
  }
}
