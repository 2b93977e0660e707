/** What sessions are told outside of any request, each at the pace of the endpoint. */
import type { JsonRpcMessage, Pace } from '@mcp/protocol'
import { shortSessionId, type LiveSession } from '@mcp/session'
import type { FastifyBaseLogger } from 'fastify'
import { Pacer, TOO_MANY } from './pacer.ts'

export class SessionPacers {
  readonly #pace: Pace
  readonly #log: FastifyBaseLogger
  /** Of those that were told something of the kind. */
  readonly #pacers = new WeakMap<LiveSession, Pacer>()

  constructor (pace: Pace, log: FastifyBaseLogger) {
    this.#pace = pace
    this.#log = log
  }

  send (session: LiveSession, message: JsonRpcMessage, onward: (message: JsonRpcMessage) => Promise<void>): Promise<void> {
    return Pacer.paces(message) ? this.#pacerOf(session, onward).say(message) : onward(message)
  }

  #pacerOf (session: LiveSession, send: (message: JsonRpcMessage) => Promise<void>): Pacer {
    const known = this.#pacers.get(session)
    if (known !== undefined) return known
    const leftOut = (method: string): void => this.#log.warn({ session: shortSessionId(session.id), dropped: method }, TOO_MANY)
    const onError = (error: unknown): void => this.#log.error({ err: error, session: shortSessionId(session.id) }, 'a message cannot be sent')
    const pacer = new Pacer(this.#pace, { send, leftOut, onError })
    this.#pacers.set(session, pacer)
    return pacer
  }
}
