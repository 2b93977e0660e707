/** An exchange of which the application sees another message, and the client other answers. */
import type {
  Accepted, Exchange, JsonRpcMessage, JsonRpcRequest, McpSession, Principal, RequestInfo, Revision
} from '@mcp/protocol'
import { isResult, isThenable } from './returned.ts'

export class VeiledExchange implements Exchange {
  readonly message: JsonRpcRequest
  readonly #real: Exchange
  readonly #answer: (message: JsonRpcMessage) => JsonRpcMessage | null

  /** `answer` says what the client gets of what the application sends; `null` for nothing. */
  constructor (real: Exchange, message: JsonRpcRequest, answer: (message: JsonRpcMessage) => JsonRpcMessage | null) {
    this.#real = real
    this.message = message
    this.#answer = answer
  }

  get revision (): Revision {
    return this.#real.revision
  }

  get session (): McpSession | null {
    return this.#real.session
  }

  get principal (): Principal | null {
    return this.#real.principal
  }

  get request (): RequestInfo {
    return this.#real.request
  }

  get signal (): AbortSignal {
    return this.#real.signal
  }

  onAbort (listener: (reason: string) => void): void {
    this.#real.onAbort(listener)
  }

  async send (message: JsonRpcMessage): Promise<void> {
    const answer = this.#answer(message)
    if (answer !== null) await this.#real.send(answer)
  }

  /** What the client gets of what the application returned. */
  returned (value: Accepted): Accepted {
    if (isThenable(value)) return value.then(later => this.#result(later))
    return this.#result(value)
  }

  #result (result: Awaited<Accepted>): Awaited<Accepted> {
    if (!isResult(result)) return result
    const answer = this.#answer({ jsonrpc: '2.0', id: this.message.id, result })
    return answer !== null && 'result' in answer ? answer.result : result
  }

  detach (retryAfterMs?: number): void {
    this.#real.detach(retryAfterMs)
  }

  challenge (scopes: readonly string[]): boolean {
    return this.#real.challenge?.(scopes) ?? false
  }
}
