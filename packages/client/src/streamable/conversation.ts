import { isResponseMessage, type JsonObject, type JsonRpcMessage, type RequestId } from '@mcp/protocol'
import type { Wire } from '../wire.ts'
import { ParamMirror } from './param-mirror.ts'
import { Post } from './post.ts'
import { initializeResult, type Session } from './session.ts'

/** Everything one Streamable HTTP client and its server know of each other. */
export class Conversation {
  readonly wire: Wire
  readonly session: Session
  readonly mirror: ParamMirror
  /** Requests that were sent and not answered. */
  readonly pending = new Map<RequestId, Post>()
  readonly #onSession: (result: JsonObject) => void
  #handshakes = 0

  constructor (wire: Wire, session: Session, onSession: (result: JsonObject) => void) {
    this.wire = wire
    this.session = session
    this.mirror = new ParamMirror(error => wire.report(error))
    this.#onSession = onSession
  }

  /** @throws MCP_CLIENT_SESSION_LOST */
  async renew (lost: string): Promise<void> {
    this.wire.state.trouble(this.session, true)
    try {
      await this.session.renew(lost, params => this.#handshake(params))
    } finally {
      this.wire.state.trouble(this.session, false)
    }
  }

  async #handshake (params: JsonObject | undefined): Promise<JsonObject> {
    const id = `renew-${++this.#handshakes}`
    const answered = new Promise<JsonRpcMessage>((resolve, reject) => {
      const deliver = (message: JsonRpcMessage): void => isResponseMessage(message) ? resolve(message) : this.wire.deliver(message)
      const request = { jsonrpc: '2.0', id, method: 'initialize', ...(params !== undefined && { params }) } as const
      new Post(this, request, { handshake: true }, deliver).run().catch(reject)
    })
    const result = initializeResult(await answered)
    await new Post(this, { jsonrpc: '2.0', method: 'notifications/initialized' }, { handshake: true }, () => {}).run()
    this.#onSession(result)
    return result
  }
}
