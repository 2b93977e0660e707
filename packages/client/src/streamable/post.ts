import { isResponseMessage, type JsonRpcMessage } from '@mcp/protocol'
import * as Header from '@mcp/protocol/header'
import { asError } from '../coded-error.ts'
import { MCP_CLIENT_ABORTED, MCP_CLIENT_CLOSED, MCP_CLIENT_HTTP_STATUS, MCP_CLIENT_SESSION_LOST } from '../errors.ts'
import type { Answer } from '../http/answer.ts'
import { Outgoing } from '../outgoing.ts'
import { GONE, inBand, losesSession, namesRequest, readRefusal, refusalError } from '../refusal.ts'
import type { Deliver, SendOptions } from '../transport.ts'
import type { Conversation } from './conversation.ts'
import { isModern, modernHeaders } from './message-headers.ts'
import { Reply } from './reply.ts'

export interface PostOptions extends SendOptions {
  /** Part of beginning a session: must not wait for a new one itself. */
  readonly handshake?: boolean
}

/** One message and its POST. */
export class Post extends Outgoing {
  readonly modern: boolean
  readonly #talk: Conversation
  readonly #message: JsonRpcMessage
  readonly #reply: Reply | undefined
  /** Part of a handshake of ours. */
  readonly #renewing: boolean
  #resent = false
  /** The session it was sent in. */
  #session: string | undefined

  constructor (talk: Conversation, message: JsonRpcMessage, options: PostOptions, deliver: Deliver) {
    super(talk.wire, message, options)
    this.#talk = talk
    this.#message = message
    this.#renewing = options.handshake === true
    this.modern = isModern(message, talk.session)
    const { request, modern, cancellation } = this
    if (request !== undefined) this.#reply = new Reply({ talk, request, modern, cancellation, options, deliver })
  }

  /** Resolves when the server took the message. */
  async run (): Promise<void> {
    if (this.cancelled) throw new MCP_CLIENT_ABORTED()
    try {
      this.#reply?.expect()
      await this.#send()
    } catch (error) {
      this.#reply?.forget() // It may be run again.
      if (!this.cancelled) throw error
      throw this.wire.closed ? new MCP_CLIENT_CLOSED('', { cause: error }) : new MCP_CLIENT_ABORTED('', { cause: error })
    }
  }

  /** Instead of sending: takes up the stream of an earlier request after an event of it. */
  resume (lastEventId: string): void {
    this.#reply?.expect()
    this.#follow(undefined, lastEventId).catch(error => this.wire.report(error))
  }

  /** It will not be run again. */
  drop (): void {
    this.#reply?.drop()
  }

  async #send (): Promise<void> {
    const { session } = this.#talk
    const handshake = this.request?.method === 'initialize' && !this.modern ? this.request : undefined
    if (handshake !== undefined) session.begins(handshake)
    for (let renewed = false; ; renewed = true) {
      const { id } = session
      this.#session = this.modern ? undefined : id
      const answer = await this.#call()
      this.wire.state.answered()
      if (answer.ok) {
        if (handshake !== undefined) session.named(answer.header(Header.SessionId))
        if (!this.modern && !this.#renewing) session.accepted()
        return this.#take(answer)
      }
      const refusal = await readRefusal(answer)
      if (losesSession(refusal) && this.#session !== undefined && !namesRequest(refusal, this.#message)) {
        // What answers a request of the lost session has nobody to go to.
        const hopeless = renewed || this.#renewing || isResponseMessage(this.#message)
        if (hopeless) throw new MCP_CLIENT_SESSION_LOST(`HTTP ${refusal.status}`, { status: refusal.status })
        await this.#talk.renew(this.#session)
        continue
      }
      const error = this.request === undefined ? undefined : inBand(refusal, this.request)
      if (error === undefined) throw refusalError(refusal)
      return this.#reply?.answered(error)
    }
  }

  #call (): Promise<Answer> {
    const { session, wire, mirror } = this.#talk
    return this.post(wire.url, this.modern ? modernHeaders(this.#message, session.revision, mirror) : session.headers())
  }

  /** A notification or response is accepted by any 2xx, with a body or without (I-22). */
  async #take (answer: Answer): Promise<void> {
    if (this.#reply === undefined) answer.discard()
    else if (await this.#reply.take(answer)) this.#follow(answer).catch(error => this.wire.report(error))
  }

  /** Where the session is gone, what only reads is asked again in a new one; anything else fails, for it may have been done. */
  async #follow (answer: Answer | undefined, lastEventId?: string): Promise<void> {
    const reply = this.#reply
    try {
      await reply?.follow(answer, lastEventId)
    } catch (error) {
      const gone = error instanceof MCP_CLIENT_HTTP_STATUS && error.status !== undefined && GONE.has(error.status)
      const lost = gone ? this.#session : undefined
      if (lost === undefined) return reply?.fail(asError(error))
      try {
        await this.#talk.renew(lost)
        if (this.#resent || !this.safe) throw new MCP_CLIENT_SESSION_LOST('HTTP 404', { cause: error })
        this.#resent = true
        await this.run()
      } catch (failure) {
        reply?.fail(asError(failure))
      }
    }
  }
}
