import { isResponseMessage, type JsonObject, type JsonRpcMessage, type JsonRpcResponse, type RequestId } from '@mcp/protocol'
import type { Session } from '../session.ts'
import type { Wire } from '../wire.ts'
import { ParamMirror } from './param-mirror.ts'
import { Post } from './post.ts'
import type { Reply } from './reply.ts'

/** Everything one Streamable HTTP client and its server know of each other. */
export class Conversation {
  readonly wire: Wire
  readonly session: Session
  readonly mirror: ParamMirror
  /** Requests that were sent and not answered. */
  readonly pending = new Map<RequestId, Reply>()
  readonly #onSession: (result: JsonObject) => void

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
      await this.session.renew(lost, () => this.#handshake())
    } finally {
      this.wire.state.trouble(this.session, false)
    }
  }

  /** A response that came elsewhere than on the stream of its request. */
  answered (response: JsonRpcResponse): void {
    const reply = this.pending.get(response.id ?? '')
    if (reply === undefined) return this.wire.stray(response)
    reply.answered(response)
    reply.cancel()
  }

  async #handshake (): Promise<void> {
    const post = (message: JsonRpcMessage, deliver: (message: JsonRpcMessage) => void): Promise<void> => {
      return new Post(this, message, { handshake: true }, deliver).run()
    }
    this.#onSession(await this.session.greet({
      ask: request => new Promise((resolve, reject) => {
        post(request, message => isResponseMessage(message) ? resolve(message) : this.wire.deliver(message)).catch(reject)
      }),
      tell: notification => post(notification, () => {})
    }))
  }
}
