import { Agent, type Dispatcher } from 'undici'
import { MCP_CLIENT_ABORTED } from '../errors.ts'
import { ACCEPTED_ENCODINGS, decodedReply } from './decoded-reply.ts'
import { httpFailure, type Http, type HttpCall, type HttpReply, type HttpRequest } from './http.ts'

export interface UndiciHttpOptions {
  /** Connections per origin. Every open stream holds one. Default: no limit. */
  readonly connections?: number
  /** How long an unused connection is kept where the server does not say, milliseconds. Default 4 s: most servers keep them for 5. */
  readonly keepAliveMs?: number
  /** How long connecting may take, milliseconds. Default 10 s. */
  readonly connectMs?: number
  /** A dispatcher of your own, such as a proxy agent; it is not closed with the client. */
  readonly dispatcher?: Dispatcher
}

/** HTTP by undici's dispatcher, with pooled connections. One may be shared by many clients. */
export function undiciHttp ({ connections, keepAliveMs = 4_000, connectMs = 10_000, dispatcher }: UndiciHttpOptions = {}): Http {
  // The transport has its own limits: a stream may be silent for as long as they say.
  const limits = { headersTimeout: 0, bodyTimeout: 0 }
  const pool = { connections: connections ?? null, keepAliveTimeout: keepAliveMs, connect: { timeout: connectMs } }
  if (dispatcher !== undefined) return { request: request => new UndiciCall(dispatcher, request, () => {}), close: async () => {} }
  const agents = new Set<Agent>()
  let agent: Agent | undefined
  let used = 0
  return {
    request: request => {
      const now = Date.now()
      // A process that was suspended, or busy, holds connections the server gave up long ago: what is sent there may be lost.
      if (agent !== undefined && now - used > keepAliveMs) retire(agent, agents)
      if (agent === undefined || now - used > keepAliveMs) agents.add(agent = new Agent({ ...pool, ...limits }))
      used = now
      return new UndiciCall(agent, request, () => { used = Date.now() })
    },
    close: async () => { await Promise.all([...agents].map(agent => agent.destroy())) }
  }
}

/** Takes no more calls; those that run go on, and then its connections close. */
function retire (agent: Agent, agents: Set<Agent>): void {
  agent.close().then(() => agents.delete(agent), () => agents.delete(agent))
}

/** A call and its reply in one object: a handler for undici, and what arrives before anybody reads. */
class UndiciCall implements HttpCall, HttpReply {
  status = 0
  readonly reply: Promise<HttpReply>
  #headers: Record<string, string | string[] | undefined> = {}
  #controller: Dispatcher.DispatchController | undefined
  #aborted = false
  #early: Uint8Array[] = []
  #onChunk: ((chunk: Uint8Array) => void) | undefined
  /** `undefined` while the answer goes on, `null` after a whole one. */
  #end: Error | null | undefined
  #settle: ((end: Error | null) => void) | undefined
  #resolve: (reply: HttpReply) => void = () => {}
  #reject: (error: Error) => void = () => {}
  readonly #onEnd: () => void

  constructor (dispatcher: Dispatcher, { method, url, headers, body }: HttpRequest, onEnd: () => void) {
    this.#onEnd = onEnd
    this.reply = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    try {
      const all = { 'accept-encoding': ACCEPTED_ENCODINGS, ...headers }
      dispatcher.dispatch({ origin: url.origin, path: url.pathname + url.search, method, headers: all, body: body ?? null }, this)
    } catch (error) {
      this.onResponseError(undefined, error)
    }
  }

  abort (): void {
    this.#aborted = true
    this.#controller?.abort(new MCP_CLIENT_ABORTED())
  }

  header (name: string): string | undefined {
    const value = this.#headers[name]
    return Array.isArray(value) ? value.join(', ') : value
  }

  async read (onChunk: (chunk: Uint8Array) => void): Promise<void> {
    for (const chunk of this.#early) onChunk(chunk)
    this.#early = []
    this.#onChunk = onChunk
    const end = this.#end !== undefined ? this.#end : await new Promise<Error | null>(resolve => { this.#settle = resolve })
    if (end !== null) throw end
  }

  onRequestStart (controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#aborted) this.abort()
  }

  onResponseStart (_: unknown, status: number, headers: Record<string, string | string[] | undefined>): void {
    if (status < 200) return
    this.status = status
    this.#headers = headers
    this.#resolve(decodedReply(this))
  }

  onResponseData (controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    if (this.#onChunk === undefined) this.#early.push(chunk)
    else this.#give(controller, this.#onChunk, chunk)
  }

  onResponseEnd (): void {
    this.#finish(null)
  }

  onResponseError (_: unknown, error: unknown): void {
    const failure = this.#aborted ? new MCP_CLIENT_ABORTED() : httpFailure(error)
    this.#reject(failure)
    this.#finish(failure)
  }

  /** A reader that throws ends the call, and the error is what `read` rejects with. */
  #give (controller: Dispatcher.DispatchController, onChunk: (chunk: Uint8Array) => void, chunk: Uint8Array): void {
    try {
      onChunk(chunk)
    } catch (error) {
      this.#finish(error instanceof Error ? error : new Error(String(error)))
      controller.abort(new MCP_CLIENT_ABORTED())
    }
  }

  #finish (end: Error | null): void {
    if (this.#end !== undefined) return
    this.#end = end
    this.#onEnd()
    this.#settle?.(end)
  }
}
