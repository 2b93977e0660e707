import type { JsonRpcError, JsonRpcMessage } from '@mcp/protocol'
import { MCP_CLIENT_ABORTED, MCP_CLIENT_CONNECTION_LOST, MCP_CLIENT_UNREACHABLE } from '../errors.ts'
import { Outgoing } from '../outgoing.ts'
import { inBand, readRefusal, refusalError } from '../refusal.ts'
import type { Session } from '../session.ts'
import type { SendOptions } from '../transport.ts'
import type { Wire } from '../wire.ts'

/** What the messages of one HTTP+SSE client share. */
export interface SseTalk {
  readonly wire: Wire
  /** Knows the revision; there is no session id, the endpoint names the session. */
  readonly session: Session
  /** Where messages of the connection that is open go. */
  endpoint: URL | undefined
}

/** One message to the endpoint of an HTTP+SSE server; its answer comes on the stream. */
export class SseMessage extends Outgoing {
  /** The server took it, in the connection that is open. */
  accepted = false
  answered = false
  /** It was sent again after its connection was lost: not a second time. */
  resent = false
  readonly #talk: SseTalk
  readonly #refused: (error: JsonRpcError) => void

  /** @param refused Takes the server's error where it answers the POST with one. */
  constructor (talk: SseTalk, message: JsonRpcMessage, options: SendOptions, refused: (error: JsonRpcError) => void) {
    super(talk.wire, message, options)
    this.#talk = talk
    this.#refused = refused
  }

  async run (): Promise<void> {
    const { endpoint, session } = this.#talk
    if (this.answered) return
    if (this.cancelled) throw new MCP_CLIENT_ABORTED()
    if (endpoint === undefined) throw new MCP_CLIENT_UNREACHABLE('the stream is not open')
    const answer = await this.post(endpoint, session.headers())
    if (answer.ok) {
      answer.discard()
      if (this.request !== undefined && this.#talk.endpoint !== endpoint) throw new MCP_CLIENT_CONNECTION_LOST('its stream broke')
      this.accepted = true
      return
    }
    const refusal = await readRefusal(answer)
    const error = this.request === undefined ? undefined : inBand(refusal, this.request)
    if (error === undefined) throw refusalError(refusal)
    this.#refused(error)
  }
}
