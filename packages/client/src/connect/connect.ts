import { isRevision, LEGACY_REVISIONS, MODERN_REVISIONS, type Revision } from '@mcp/protocol'
import { asError, type Attempt } from '../coded-error.ts'
import { MCP_CLIENT_NO_TRANSPORT } from '../errors.ts'
import type { Http } from '../http/http.ts'
import { checkedUrl, type StreamableClientOptions } from '../options.ts'
import { Rpc, type RpcHandlers } from '../rpc/rpc.ts'
import { AutoTransport, type TransportKind } from './auto-transport.ts'
import { classifyError, classifyResult, type Probed } from './classify.ts'
import { Connection, envelope, type ClientIdentity } from './connection.ts'
import { isFresh, verdictKey, verdicts as ofThisProcess, type Verdicts } from './verdicts.ts'

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

/** Where network errors say nothing: a refused preflight looks like a cut cable (I-3). */
const OPAQUE = 'document' in globalThis || 'WorkerGlobalScope' in globalThis

/**
 * Finds out what a server speaks and greets it: modern, else legacy Streamable HTTP, else HTTP+SSE.
 * @throws MCP_CLIENT_NO_TRANSPORT With every attempt in `attempts`; MCP_CLIENT_UNAUTHORIZED.
 */
export async function connect (url: string | URL, options: ConnectOptions, http: () => Http): Promise<Connection> {
  const key = verdictKey(checkedUrl(url))
  const known = options.verdicts === null ? undefined : options.verdicts ?? ofThisProcess
  const remembered = known?.get(key)
  const kind = options.pin ?? (remembered !== undefined && isFresh(remembered) ? remembered.kind : undefined)
  const attempts: Attempt[] = []
  try {
    const connection = await new Greeting(url, options, http, attempts).greet(kind, kind !== undefined && kind === options.pin)
    known?.set(key, { kind: connection.kind, at: Date.now() })
    return connection
  } catch (error) {
    known?.delete(key)
    // What was remembered may not be so any more.
    if (options.pin === undefined && kind !== undefined && kind !== 'modern') return connect(url, options, http)
    throw error
  }
}

/** One attempt at getting to know a server. */
class Greeting {
  readonly #options: ConnectOptions
  readonly #identity: ClientIdentity
  readonly #transport: AutoTransport
  readonly #rpc: Rpc
  readonly #attempts: Attempt[]

  constructor (url: string | URL, options: ConnectOptions, http: () => Http, attempts: Attempt[]) {
    const { pin, clientInfo = { name: 'mcp-client', version: '0' }, capabilities = {}, onError } = options
    this.#options = options
    this.#identity = { clientInfo, capabilities }
    this.#attempts = attempts
    this.#transport = new AutoTransport(url, { ...options, ...(pin !== undefined && pin !== 'modern' && { transport: pin }) }, http)
    this.#transport.onerror = error => onError?.(error)
    this.#rpc = new Rpc(this.#transport, options)
  }

  async greet (kind: Connection['kind'] | undefined, pinned: boolean): Promise<Connection> {
    try {
      await this.#transport.start()
      const modern = kind === undefined || kind === 'modern' ? await this.#discover() : undefined
      if (modern !== undefined) return modern
      if (pinned && kind === 'modern') throw this.#failure()
      return await this.#initialize()
    } catch (error) {
      await this.#transport.close()
      throw error
    }
  }

  /** @returns `undefined` when the server is a legacy one. */
  async #discover (): Promise<Connection | undefined> {
    let revision: Revision = LATEST_MODERN
    for (let tries = 0; ; tries++) {
      const probed = await this.#probe(revision)
      if (probed.verdict === 'modern') {
        this.#rpc.modern = true
        this.#transport.setProtocolVersion(probed.revision)
        return new Connection(this.#transport, this.#rpc, this.#identity, 'modern', probed.revision, probed.discovered)
      }
      if (probed.verdict === 'again' && tries === 0) {
        revision = probed.revision
        continue
      }
      const error = probed.verdict === 'legacy' ? probed.why : probed.verdict === 'none' ? probed.error : new Error(`it refuses ${revision} and names it`)
      this.#attempts.push({ what: `server/discover (${revision})`, error })
      if (probed.verdict === 'legacy') return undefined
      throw isUnauthorized(error) ? error : this.#failure()
    }
  }

  async #probe (revision: Revision): Promise<Probed> {
    try {
      const params = { _meta: envelope(this.#identity, revision) }
      return classifyResult(await this.#rpc.request('server/discover', params, this.#step()))
    } catch (error) {
      return classifyError(asError(error), OPAQUE)
    }
  }

  async #initialize (): Promise<Connection> {
    const { clientInfo, capabilities } = this.#identity
    try {
      const server = await this.#rpc.request('initialize', { protocolVersion: LATEST_LEGACY, capabilities, clientInfo }, this.#step())
      const revision = server.protocolVersion
      if (!isRevision(revision)) throw new Error(`it wants revision ${String(revision)}`)
      this.#transport.setProtocolVersion(revision)
      await this.#rpc.notify('notifications/initialized')
      return new Connection(this.#transport, this.#rpc, this.#identity, this.#transport.kind, revision, server)
    } catch (error) {
      const failure = asError(error)
      if (isUnauthorized(failure)) throw failure
      const within = failure instanceof MCP_CLIENT_NO_TRANSPORT ? failure.attempts : []
      this.#attempts.push(...within.length > 0 ? within : [{ what: `initialize (${LATEST_LEGACY})`, error: failure }])
      throw this.#failure()
    }
  }

  #step (): { timeoutMs: number } {
    return { timeoutMs: this.#options.timeoutMs ?? STEP_MS }
  }

  #failure (): Error {
    const detail = this.#attempts.map(({ what, error }) => `${what}: ${error.message}`).join('; ')
    return new MCP_CLIENT_NO_TRANSPORT(detail, { cause: this.#attempts[0]?.error, attempts: this.#attempts })
  }
}

/** The user has to do something about it; a name is what foreign flows throw. */
function isUnauthorized (error: Error): boolean {
  return error.name === 'UnauthorizedError'
}
