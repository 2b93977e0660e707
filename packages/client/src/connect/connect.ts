import { isRevision, LEGACY_REVISIONS, MODERN_REVISIONS, type JsonObject, type Revision } from '@mcp/protocol'
import { asError, type Attempt } from '../coded-error.ts'
import { MCP_CLIENT_BAD_OPTION, MCP_CLIENT_NO_TRANSPORT } from '../errors.ts'
import type { Http } from '../http/http.ts'
import { checkedUrl, checkNames, type StreamableClientOptions } from '../options.ts'
import { Rpc, type RpcHandlers, type RpcOptions } from '../rpc/rpc.ts'
import { AutoTransport, type TransportKind } from './auto-transport.ts'
import { noTransport } from './attempts.ts'
import { classifyError, classifyResult } from './classify.ts'
import { Connection, envelope, type ClientIdentity } from './connection.ts'
import { isFresh, verdictKey, verdictsOf, type Verdicts } from './verdicts.ts'

export interface ConnectOptions extends StreamableClientOptions, RpcHandlers, Partial<ClientIdentity> {
  /** The only kind of server to take; nothing else is tried. Default: the first of the three that works. */
  readonly pin?: 'modern' | TransportKind
  /** Where it is remembered what servers are. Default: in this process. `null`: nowhere. */
  readonly verdicts?: Verdicts | null
  readonly onError?: (error: Error) => void
  /** How long one step may take, milliseconds. Default 30 s. */
  readonly timeoutMs?: number
}

const LATEST_LEGACY = LEGACY_REVISIONS.at(-1) ?? '2025-11-25'
const LATEST_MODERN = MODERN_REVISIONS.at(-1) ?? '2026-07-28'
const STEP_MS = 30_000
const KINDS: readonly string[] = ['modern', 'streamable', 'http+sse']

/** Where network errors say nothing: a refused preflight looks like a cut cable (I-3). */
const OPAQUE = 'document' in globalThis || 'WorkerGlobalScope' in globalThis

/**
 * Finds out what a server speaks and greets it: modern, else legacy Streamable HTTP, else HTTP+SSE.
 * @throws MCP_CLIENT_NO_TRANSPORT With every attempt in `attempts`; MCP_CLIENT_UNAUTHORIZED.
 */
export async function connect (url: string | URL, options: ConnectOptions, http: () => Http): Promise<Connection> {
  checkNames(options)
  const { pin, timeoutMs, verdicts = verdictsOf(options.http) } = options
  if (pin !== undefined && !KINDS.includes(pin)) throw new MCP_CLIENT_BAD_OPTION(`pin must be one of ${KINDS.join(', ')}, got ${JSON.stringify(pin)}`)
  if (timeoutMs !== undefined && !(timeoutMs > 0)) throw new MCP_CLIENT_BAD_OPTION(`timeoutMs must be a positive number of milliseconds, got ${String(timeoutMs)}`)
  const key = verdictKey(checkedUrl(url))
  const remembered = verdicts?.get(key)
  const kind = pin ?? (remembered !== undefined && isFresh(remembered) ? remembered.kind : undefined)
  const greeting = new Greeting(url, options, http)
  try {
    const connection = await greeting.greet(kind)
    // What was pinned says nothing of what else the server can do, unless it is the best there is.
    if (pin === undefined || pin === 'modern') verdicts?.set(key, { kind: connection.kind, at: Date.now() })
    return connection
  } catch (error) {
    await greeting.transport.close()
    // What was remembered may not be so any more; a missing credential says nothing of that, and neither does a verdict that was not used.
    const doubtful = pin === undefined && kind !== undefined && error instanceof MCP_CLIENT_NO_TRANSPORT
    if (doubtful) verdicts?.delete(key)
    if (doubtful && kind !== undefined && kind !== 'modern') return connect(url, options, http)
    throw error
  }
}

/** One attempt at getting to know a server. */
class Greeting {
  readonly transport: AutoTransport
  readonly #options: ConnectOptions
  readonly #identity: ClientIdentity
  readonly #rpc: Rpc
  readonly #step: RpcOptions
  readonly #attempts: Attempt[] = []

  constructor (url: string | URL, options: ConnectOptions, http: () => Http) {
    const { pin, clientInfo = { name: 'mcp-client', version: '0' }, capabilities = {}, onError, timeoutMs = STEP_MS } = options
    this.#options = options
    this.#identity = { clientInfo, capabilities }
    this.#step = { timeoutMs }
    this.transport = new AutoTransport(url, { ...options, ...(pin !== undefined && pin !== 'modern' && { transport: pin }) }, http)
    this.transport.onerror = onError
    this.#rpc = new Rpc(this.transport, options)
  }

  async greet (kind: Connection['kind'] | undefined): Promise<Connection> {
    await this.transport.start()
    const modern = kind === undefined || kind === 'modern' ? await this.#discover(LATEST_MODERN, true) : undefined
    if (modern !== undefined) return modern
    if (this.#options.pin === 'modern') throw noTransport(this.#attempts)
    return this.#initialize()
  }

  /** @param again Whether another revision may be tried. @returns `undefined` when the server is a legacy one. */
  async #discover (claimed: Revision, again: boolean): Promise<Connection | undefined> {
    let discovered: JsonObject = {}
    const { verdict, revision, error } = await this.#rpc.request('server/discover', { _meta: envelope(this.#identity, claimed) }, this.#step).then(result => {
      discovered = result
      return classifyResult(result)
    }, failure => classifyError(asError(failure), OPAQUE))
    if (revision !== undefined && verdict === 'again' && again) return this.#discover(revision, false)
    if (revision !== undefined && verdict === 'modern') {
      this.#rpc.modern = true
      return this.#connected('modern', revision, discovered)
    }
    this.#attempts.push({ what: `server/discover (${claimed})`, error })
    if (verdict === 'legacy') return undefined
    throw isUnauthorized(error) ? error : noTransport(this.#attempts)
  }

  async #initialize (): Promise<Connection> {
    const params = { protocolVersion: LATEST_LEGACY, ...this.#identity }
    try {
      const server = await this.#rpc.request('initialize', params, this.#step)
      const revision = server.protocolVersion
      if (!isRevision(revision)) throw new Error(`it wants revision ${String(revision)}`)
      const connection = this.#connected(this.transport.kind, revision, server)
      await this.#rpc.notify('notifications/initialized')
      return connection
    } catch (error) {
      const failure = asError(error)
      if (isUnauthorized(failure)) throw failure
      const tried = failure instanceof MCP_CLIENT_NO_TRANSPORT ? failure.attempts : [{ what: `initialize (${LATEST_LEGACY})`, error: failure }]
      throw noTransport([...this.#attempts, ...tried])
    }
  }

  #connected (kind: Connection['kind'], revision: Revision, server: JsonObject): Connection {
    this.transport.setProtocolVersion(revision)
    return new Connection(this.transport, this.#rpc, this.#identity, kind, revision, server)
  }
}

/** The user has to do something about it; a name is what foreign flows throw. */
function isUnauthorized (error: Error): boolean {
  return error.name === 'UnauthorizedError'
}
