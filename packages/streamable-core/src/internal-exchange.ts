/** A question of the endpoint's own to its application, asked on behalf of a caller. */
import {
  isResponseMessage, MetaKey, type JsonObject, type JsonRpcMessage, type JsonRpcRequest, type JsonRpcResponse, type Principal,
  type RequestInfo, type Revision
} from '@mcp/protocol'
import type { ExchangeHost, RunnableExchange } from './exchange-host.ts'
import type { MessageSource } from './inbound-exchange.ts'
import { isResult } from './returned.ts'

const DEADLINE_MS = 10_000

class InternalExchange implements RunnableExchange {
  readonly message: JsonRpcRequest
  readonly revision: Revision
  readonly session = null
  readonly principal: Principal | null
  readonly request: RequestInfo
  readonly signal: AbortSignal
  readonly #settle: (answer: JsonRpcResponse | null) => void

  constructor (
    message: JsonRpcRequest, revision: Revision, source: MessageSource, signal: AbortSignal,
    settle: (answer: JsonRpcResponse | null) => void
  ) {
    this.message = message
    this.revision = revision
    this.principal = source.principal
    this.request = source.request
    this.signal = signal
    this.#settle = settle
  }

  onAbort (listener: (reason: string) => void): void {
    if (this.signal.aborted) listener('settled')
    else this.signal.addEventListener('abort', () => listener('settled'), { once: true })
  }

  async send (message: JsonRpcMessage): Promise<void> {
    if (isResponseMessage(message)) this.#settle(message)
  }

  detach (): void {}

  /** An application that answers later must hold the exchange; whether it does cannot be seen here, so the deadline decides. */
  settled (returned: unknown): void {
    if (isResult(returned)) this.#settle({ jsonrpc: '2.0', id: this.message.id, result: returned })
  }

  fail (): void {
    this.#settle(null)
  }
}

/** The application's answer to a modern request, or `null` when it failed or took longer than ten seconds. */
export function ask (
  host: Pick<ExchangeHost, 'run'>, method: string, params: JsonObject, revision: Revision, source: MessageSource
): Promise<JsonRpcResponse | null> {
  const _meta = { [MetaKey.ProtocolVersion]: revision, [MetaKey.ClientCapabilities]: {} }
  const message: JsonRpcRequest = { jsonrpc: '2.0', id: `endpoint:${method}`, method, params: { ...params, _meta } }
  const controller = new AbortController()
  return new Promise(resolve => {
    const timer = setTimeout(() => settle(null), DEADLINE_MS).unref()
    const settle = (answer: JsonRpcResponse | null): void => {
      clearTimeout(timer)
      resolve(answer)
      controller.abort()
    }
    host.run(new InternalExchange(message, revision, source, controller.signal, settle))
  })
}
