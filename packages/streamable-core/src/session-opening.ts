/** `initialize` on its way to a session: known to nobody until the application agreed and the storage took it. */
import { eraOf, Header, isErrorResponse, type JsonRpcResponse, type Refusal, type Revision } from '@mcp/protocol'
import { shortSessionId, type LiveSession, type Sessions } from '@mcp/session'
import type { CreateOutcome, MaybePromise } from '@mcp/storage'
import type { FastifyReply } from 'fastify'
import type { Opening } from './reply-channel.ts'
import { sessionRefusal } from './refusal.ts'

export class SessionOpening implements Opening {
  readonly session: LiveSession
  readonly #sessions: Sessions
  readonly #reply: FastifyReply
  readonly #revisions: readonly Revision[]

  constructor (session: LiveSession, sessions: Sessions, reply: FastifyReply, revisions: readonly Revision[]) {
    this.session = session
    this.#sessions = sessions
    this.#reply = reply
    this.#revisions = revisions
  }

  /** The id travels on the response that carries the InitializeResult (D-1); a stream needs it when it starts. */
  announce (): void {
    if (!this.#reply.sent) this.#reply.header(Header.SessionId, this.session.id)
  }

  settle (response: JsonRpcResponse): MaybePromise<Refusal | null> {
    if (isErrorResponse(response)) {
      this.session.end('initialize failed')
      return null
    }
    const negotiated = response.result.protocolVersion
    const served = this.#revisions.find(revision => revision === negotiated)
    if (served !== undefined && eraOf(served) === 'legacy') this.session.revision = served
    else this.#reply.log.warn({ revision: this.session.revision }, 'the application negotiated a version this endpoint does not serve')
    const outcome = this.#sessions.store(this.session)
    return typeof outcome === 'string' ? this.#settled(outcome, response) : outcome.then(late => this.#settled(late, response))
  }

  #settled (outcome: CreateOutcome, response: JsonRpcResponse): Refusal | null {
    const id = response.id ?? undefined
    switch (outcome) {
      case 'created':
        this.announce()
        this.#reply.log.info({ session: shortSessionId(this.session.id), revision: this.session.revision }, 'session opened')
        return null
      case 'total-reached':
        return sessionRefusal('session-cap', 503, 'This server holds as many sessions as it may; try again later', id)
      case 'principal-reached':
        return sessionRefusal('session-cap', 429, 'You hold as many sessions as you may; end one or try again later', id)
    }
  }
}
