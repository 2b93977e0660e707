/**
 * Requests to issuers, key sets and introspection endpoints, made so that whoever chooses such a URL reaches nothing inside our
 * network (H-15). Own code, because no library does all of it: request-filtering-agent 3.2.1, given the addresses of our tests, lets
 * through IPv4-compatible ones (`::7f00:1`) and IPv6 that was never given out; like ssrf-req-filter it guards agents of `node:http`
 * alone, and sizes, times and redirects stay the caller's business.
 */
import { Agent, Pool, request } from 'undici'
import { connectsByConnector, guardedConnector } from './connector.ts'
import { MCP_AUTH_OUTGOING_FAILED, MCP_AUTH_OUTGOING_REFUSED, MCP_AUTH_OUTGOING_TIMEOUT, MCP_AUTH_OUTGOING_TOO_LARGE } from '../errors.ts'
import { Reach, type ReachOptions } from './reach.ts'
import { nameOf, targetOf } from './target.ts'
import type { Readable } from 'node:stream'
import type { Wiring } from './connector.ts'

const TIMEOUT_MS = 5000
const MAX_BYTES = 1_048_576
const MAX_HEADER_BYTES = 16_384
/** To one origin; more requests wait their turn, within their time. */
const MAX_CONNECTIONS = 16

const UNGUARDED = 'this runtime replaces undici (Bun does), so the address cannot be checked before the connection is made; ' +
  'run the server on Node.js, or verify credentials without outgoing requests (options apiKeys and custom)'

export interface OutgoingOptions extends ReachOptions {
  /** For one request altogether: lookup, connection, TLS, headers, body. In milliseconds, by default 5,000. */
  readonly timeoutMs?: number
  /** Of the body of an answer. By default 1 MiB. */
  readonly maxBytes?: number
}

export interface OutgoingRequest {
  readonly method?: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface OutgoingResponse {
  readonly status: number
  /** Names in lower case; values of repeated fields joined with `, `. */
  readonly headers: Record<string, string>
  readonly text: string
}

export interface Outgoing {
  /**
   * @throws `MCP_AUTH_OUTGOING_REFUSED`, `MCP_AUTH_OUTGOING_FAILED`, `MCP_AUTH_OUTGOING_TIMEOUT`, `MCP_AUTH_OUTGOING_TOO_LARGE`;
   * any other status than a redirect is an answer.
   */
  request (url: string, init?: OutgoingRequest): Promise<OutgoingResponse>
  /** Requests under way end within their time; new ones fail. */
  close (): Promise<void>
}

/**
 * Proxies named in the environment are not used: they would resolve names themselves.
 * @throws `MCP_AUTH_BAD_OPTION`
 */
export function createOutgoing (options: OutgoingOptions = {}, wiring: Wiring = {}): Outgoing {
  const { timeoutMs = TIMEOUT_MS, maxBytes = MAX_BYTES } = options
  const reach = new Reach(options)
  const connectorTo = (origin: string | URL) => guardedConnector(new URL(origin), { ...wiring, reach, timeoutMs })
  const agent = new Agent({
    factory: (origin, given) => new Pool(origin, { ...given, connect: connectorTo(origin) }),
    connections: MAX_CONNECTIONS,
    maxHeaderSize: MAX_HEADER_BYTES,
    maxResponseSize: maxBytes
  })
  const { guarded = connectsByConnector(agent) } = wiring
  return {
    request: async (url, init = {}) => {
      const target = targetOf(url, reach)
      if (!guarded) throw new MCP_AUTH_OUTGOING_REFUSED(nameOf(target), UNGUARDED)
      const signal = AbortSignal.timeout(timeoutMs)
      try {
        return await within(signal, ask(agent, target, init, signal))
      } catch (error) {
        throw outcomeOf(error, nameOf(target), timeoutMs, maxBytes)
      }
    },
    close: async () => { if (guarded) await agent.close() }
  }
}

async function ask (dispatcher: Agent, target: URL, init: OutgoingRequest, signal: AbortSignal): Promise<OutgoingResponse> {
  const { method = 'GET', body = null } = init
  // Nothing compressed: a small body could become a large one.
  const headers = { ...init.headers, 'accept-encoding': 'identity' }
  const response = await request(target, { dispatcher, method, headers, body, signal })
  const { statusCode: status, body: stream } = response
  if (status >= 300 && status < 400) {
    drop(stream)
    throw new MCP_AUTH_OUTGOING_REFUSED(nameOf(target), `it answers ${status}, and redirects are not followed; configure the final URL`)
  }
  const received = flat(response.headers)
  if ((received['content-encoding'] ?? 'identity') !== 'identity') {
    drop(stream)
    throw new MCP_AUTH_OUTGOING_FAILED(nameOf(target), 'the answer is compressed, which was not asked for')
  }
  return { status, headers: received, text: await stream.text() }
}

/** The signal alone ends an answer at once, but a connection that is being made up to a second later. */
function within<T> (signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => { reject(signal.reason) }, { once: true })
    work.then(resolve, reject)
  })
}

/** Ends the connection; what is left of the answer is not read, and that it breaks off is no news. */
function drop (body: Readable): void {
  body.on('error', () => {}).destroy()
}

function flat (headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value ?? '']))
}

function outcomeOf (error: unknown, name: string, timeoutMs: number, maxBytes: number): Error {
  if (error instanceof MCP_AUTH_OUTGOING_REFUSED || error instanceof MCP_AUTH_OUTGOING_FAILED) return error
  const { name: kind, code, message } = error as NodeJS.ErrnoException
  if (kind === 'TimeoutError' || code?.endsWith('_TIMEOUT')) return new MCP_AUTH_OUTGOING_TIMEOUT(name, timeoutMs)
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return new MCP_AUTH_OUTGOING_TOO_LARGE(name, maxBytes)
  return new MCP_AUTH_OUTGOING_FAILED(name, code ?? message)
}
