import type { JsonRpcRequest } from '@mcp/protocol'
import type { ClientAuth } from './auth/auth.ts'
import { MCP_CLIENT_BAD_OPTION } from './errors.ts'
import type { Http } from './http/http.ts'
import type { Limits, QueueLimits } from './limits.ts'
import type { ReconnectPolicy } from './stream/backoff.ts'

/** Options every client has. */
export interface ClientOptions {
  /** What moves HTTP. Default: undici with a pool of its own in Node.js, `fetch` elsewhere. One that is given is not closed. */
  readonly http?: Http
  /** Sent with every request; what the transport sets itself cannot be overridden. */
  readonly headers?: Readonly<Record<string, string>>
  readonly auth?: ClientAuth
  readonly limits?: Partial<Limits>
  readonly reconnect?: Partial<ReconnectPolicy>
  readonly queue?: Partial<QueueLimits>
  /** Whether a request may run twice, so that it may be sent again after its session was lost. Default: those that only read. */
  readonly isSafe?: (request: JsonRpcRequest) => boolean
}

/** Options of `StreamableHttpClient`. */
export interface StreamableClientOptions extends ClientOptions {
  /** Continues a session of an earlier client: no `initialize` is needed, and none is possible when the session is lost. */
  readonly sessionId?: string
  /** The revision that was negotiated with `sessionId`. */
  readonly protocolVersion?: string
  /** Legacy: hold a GET stream for what the server sends on its own. Default `true`. */
  readonly standaloneStream?: boolean
  /** Legacy: end the session with a DELETE on close. Default `true`; `false` keeps it for another client. */
  readonly endSession?: boolean
}

const READS: ReadonlySet<string> = new Set([
  'ping', 'server/discover', 'tools/list', 'prompts/list', 'prompts/get', 'resources/list', 'resources/templates/list', 'resources/read',
  'completion/complete'
])

export function onlyReads ({ method }: JsonRpcRequest): boolean {
  return READS.has(method)
}

/** All options of this package: those of one client are known to the others, since `connectHttp` passes its own on. */
const OPTIONS: ReadonlySet<string> = new Set([
  'http', 'headers', 'auth', 'limits', 'reconnect', 'queue', 'isSafe', 'sessionId', 'protocolVersion', 'standaloneStream', 'endSession', 'transport',
  'clientInfo', 'capabilities', 'onNotification', 'onRequest', 'onError', 'pin', 'verdicts', 'timeoutMs'
])

/** @throws MCP_CLIENT_BAD_OPTION for an option that does not exist */
export function checkNames (options: object): void {
  const unknown = Object.keys(options).find(name => !OPTIONS.has(name))
  if (unknown !== undefined) throw new MCP_CLIENT_BAD_OPTION(`option "${unknown.slice(0, 64)}" is unknown; known are ${[...OPTIONS].join(', ')}`)
}

/** @throws MCP_CLIENT_BAD_OPTION */
export function checkedUrl (given: string | URL): URL {
  const url = urlAt(String(given))
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new MCP_CLIENT_BAD_OPTION('the URL must be absolute, http or https, and without credentials')
  }
  url.hash = ''
  return url
}

/** The URL a text names, seen from another; `undefined` when it names none. */
export function urlAt (text: string, from?: URL): URL | undefined {
  return URL.canParse(text, from?.href) ? new URL(text, from) : undefined
}
