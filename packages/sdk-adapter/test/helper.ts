import { setImmediate as turn } from 'node:timers/promises'
import type {
  Exchange, InitializeParams, JsonObject, JsonRpcError, JsonRpcMessage, JsonRpcNotification, JsonRpcRequest, JsonRpcResult, McpApplication,
  McpSession, Principal, RequestId, RequestInfo, Revision
} from '@mcp/protocol'

export const MODERN = '2026-07-28'

const handshake: InitializeParams = {
  protocolVersion: '2025-11-25',
  capabilities: { elicitation: { form: {} }, sampling: {}, roots: {} },
  clientInfo: { name: 'test-client', version: '7' }
}

/** A session as the endpoint would hand it over: what is sent to the standalone stream is in `sent`. */
export class TestSession implements McpSession {
  readonly id: string
  readonly revision: Revision
  readonly handshake: InitializeParams
  state: JsonObject = {}
  readonly sent: JsonRpcMessage[] = []
  readonly detached: Array<number | undefined> = []
  readonly listeners = new Set<() => void>()

  constructor (id = 's1', revision: Revision = '2025-11-25', params: Partial<InitializeParams> = {}) {
    this.id = id
    this.revision = revision
    this.handshake = { ...handshake, protocolVersion: revision, ...params }
  }

  async setState (patch: JsonObject): Promise<void> {
    for (const [key, value] of Object.entries(patch)) {
      if (value === undefined) delete this.state[key]
      else this.state[key] = value
    }
  }

  async send (message: JsonRpcMessage): Promise<void> {
    this.sent.push(message)
  }

  detachStandalone (retryAfterMs?: number): void {
    this.detached.push(retryAfterMs)
  }

  async terminate (): Promise<void> {
    for (const listener of [...this.listeners]) listener()
    this.listeners.clear()
  }

  onClose (listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** A session of the same client on another node, or after a restart. */
  elsewhere (): TestSession {
    const copy = new TestSession(this.id, this.revision, this.handshake)
    copy.state = structuredClone(this.state)
    return copy
  }
}

export interface ExchangeOptions {
  session?: TestSession | null
  revision?: Revision
  principal?: Principal | null
  headers?: RequestInfo['headers']
}

/** Records what the application sends, as the endpoint would put it on the exchange's stream. */
export class TestExchange implements Exchange {
  readonly message: JsonRpcMessage
  readonly revision: Revision
  readonly session: TestSession | null
  readonly principal: Principal | null
  readonly request: RequestInfo
  readonly sent: JsonRpcMessage[] = []
  readonly detached: Array<number | undefined> = []
  readonly #controller = new AbortController()
  readonly #waiting: Array<() => void> = []

  constructor (message: JsonRpcMessage, options: ExchangeOptions = {}) {
    this.message = message
    this.session = options.session ?? null
    this.revision = options.revision ?? this.session?.revision ?? MODERN
    this.principal = options.principal ?? null
    const headers = options.headers ?? { host: '127.0.0.1:3000', 'x-test': 'yes' }
    this.request = { method: 'POST', url: 'http://127.0.0.1:3000/mcp?x=1', headers }
  }

  get signal (): AbortSignal {
    return this.#controller.signal
  }

  onAbort (listener: (reason: string) => void): void {
    const { signal } = this.#controller
    if (signal.aborted) listener(String(signal.reason))
    else signal.addEventListener('abort', () => listener(String(signal.reason)), { once: true })
  }

  async send (message: JsonRpcMessage): Promise<void> {
    this.sent.push(message)
    for (const wake of this.#waiting.splice(0)) wake()
  }

  detach (retryAfterMs?: number): void {
    this.detached.push(retryAfterMs)
  }

  cancel (reason: unknown = new Error('cancelled by the client')): void {
    this.#controller.abort(reason)
  }

  /** The first message sent that `matches`, once there is one. */
  async find<T extends JsonRpcMessage> (matches: (message: JsonRpcMessage) => message is T): Promise<T> {
    for (;;) {
      const found = this.sent.find(matches)
      if (found !== undefined) return found
      await new Promise<void>(resolve => { this.#waiting.push(resolve) })
    }
  }

  async answer (): Promise<JsonRpcResult | JsonRpcError> {
    return await this.find((message): message is JsonRpcResult | JsonRpcError => !('method' in message))
  }

  async result (): Promise<JsonObject> {
    const answer = await this.answer()
    if ('error' in answer) throw new Error(`answered with ${JSON.stringify(answer.error)}`)
    return answer.result
  }

  async error (): Promise<JsonRpcError['error']> {
    const answer = await this.answer()
    if (!('error' in answer)) throw new Error(`answered with ${JSON.stringify(answer.result)}`)
    return answer.error
  }

  /** The first request of the server to the client. */
  async asked (): Promise<JsonRpcRequest> {
    return await this.find((message): message is JsonRpcRequest => 'method' in message && 'id' in message)
  }
}

export function request (method: string, params: JsonObject = {}, id: RequestId = 1): JsonRpcRequest {
  return { jsonrpc: '2.0', id, method, params }
}

export function notification (method: string, params: JsonObject = {}): JsonRpcNotification {
  return { jsonrpc: '2.0', method, params }
}

export function call (name: string, args: JsonObject = {}, id: RequestId = 1): JsonRpcRequest {
  return request('tools/call', { name, arguments: args }, id)
}

/** Puts the envelope of the modern era on a message. */
export function enveloped<M extends JsonRpcRequest | JsonRpcNotification> (message: M, meta: JsonObject = {}): M {
  return {
    ...message,
    params: {
      ...message.params,
      _meta: {
        'io.modelcontextprotocol/protocolVersion': MODERN,
        'io.modelcontextprotocol/clientCapabilities': {},
        'io.modelcontextprotocol/clientInfo': { name: 'modern-client', version: '1' },
        ...meta
      }
    }
  }
}

/** Hands a message over and returns its exchange; rejects when the application does. */
export async function exchange (
  application: McpApplication, message: JsonRpcMessage, options: ExchangeOptions = {}
): Promise<TestExchange> {
  const made = new TestExchange(message, options)
  await application.accept(made)
  return made
}

/** Opens a session the way a client does. */
export async function open (application: McpApplication, session = new TestSession()): Promise<TestSession> {
  const { protocolVersion, capabilities, clientInfo } = session.handshake
  const initialize = await exchange(application, request('initialize', { protocolVersion, capabilities, clientInfo }, 0), { session })
  await initialize.result()
  await exchange(application, notification('notifications/initialized'), { session })
  await turns()
  return session
}

/** Lets everything happen that needs no more than a few turns of the event loop. */
export async function turns (count = 3): Promise<void> {
  for (let i = 0; i < count; i++) await turn()
}

export function text (result: JsonObject): unknown {
  const content = Array.isArray(result.content) ? result.content[0] : undefined
  return typeof content === 'object' && content !== null ? Reflect.get(content, 'text') : undefined
}

export const alice: Principal = {
  kind: 'oauth',
  issuer: 'https://issuer.example',
  subject: 'alice',
  clientId: 'app',
  scopes: ['read'],
  expiresAt: 2_000_000_000,
  token: 'secret',
  claims: { aud: 'https://mcp.example/mcp', team: 'blue' }
}

export const bob: Principal = { kind: 'api-key', issuer: 'keys', subject: 'bob', scopes: [] }
