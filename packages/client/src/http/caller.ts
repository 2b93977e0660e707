import { Header } from '@mcp/protocol'
import type { ClientAuth } from '../auth/auth.ts'
import { Credentials } from '../auth/credentials.ts'
import { MCP_CLIENT_ABORTED, MCP_CLIENT_BAD_OPTION, MCP_CLIENT_REDIRECTED } from '../errors.ts'
import type { Limits } from '../limits.ts'
import type { Watches } from '../watches.ts'
import { Answer } from './answer.ts'
import type { Http, HttpCall, HttpRequest } from './http.ts'

const MAX_REDIRECTS = 5

/** Fields the transport owns (I-30). */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  'accept', 'content-type', 'content-length', 'host', 'connection', 'transfer-encoding',
  Header.SessionId, Header.ProtocolVersion, Header.LastEventId, Header.Method, Header.Name
])

export function isOwnHeader (name: string): boolean {
  return OWN_HEADERS.has(name) || name.startsWith(Header.ParamPrefix)
}

/** Something that may be cancelled while one HTTP call after another works on it. */
export class Cancellation {
  cancelled = false
  #call: HttpCall | undefined

  cancel (): void {
    this.cancelled = true
    this.#call?.abort()
  }

  /** The call that is to be aborted from now on. */
  covers (call: HttpCall): void {
    this.#call = call
    if (this.cancelled) call.abort()
  }
}

export interface CallerOptions {
  readonly http: Http
  readonly headers: Readonly<Record<string, string>>
  readonly auth: ClientAuth | undefined
  readonly limits: Limits
  readonly watches: Watches
}

/** Makes HTTP calls: with the user's headers and credentials, through 401 and redirects, within limits. */
export class Caller {
  readonly #options: CallerOptions
  readonly #headers: Record<string, string>
  readonly #credentials: Credentials
  readonly #running = new Set<Cancellation>()

  constructor (options: CallerOptions) {
    this.#options = options
    this.#headers = checkedHeaders(options.headers)
    this.#credentials = new Credentials(options.auth)
  }

  /**
   * @returns Any answer but 401 and redirects.
   * @throws MCP_CLIENT_UNREACHABLE, MCP_CLIENT_CONNECTION_LOST, MCP_CLIENT_UNAUTHORIZED, MCP_CLIENT_REDIRECTED, MCP_CLIENT_TIMEOUT,
   * MCP_CLIENT_ABORTED
   */
  async call (request: HttpRequest, cancellation: Cancellation, headMs = this.#options.limits.headMs): Promise<Answer> {
    this.#running.add(cancellation)
    try {
      return await this.#passed(request, cancellation, headMs)
    } catch (error) {
      this.#running.delete(cancellation)
      throw error
    }
  }

  /** Ends every call that runs. */
  abortAll (): void {
    for (const cancellation of [...this.#running]) cancellation.cancel()
  }

  /** Past 401 and 403, where there is a way. */
  async #passed (request: HttpRequest, cancellation: Cancellation, headMs: number): Promise<Answer> {
    const passage = this.#credentials.passage()
    for (;;) {
      const headers = { ...this.#headers, ...request.headers }
      if (this.#credentials.inUse) await this.#credentials.authorize(passage, headers)
      const answer = await this.#follow({ ...request, headers }, cancellation, headMs)
      const { status } = answer
      if (status !== 401 && status !== 403) return answer
      const again = await this.#credentials.renewed(passage, status, request.url, answer.header('www-authenticate')).catch((error: unknown) => {
        answer.discard()
        throw error
      })
      if (!again) return answer
      answer.discard()
    }
  }

  /** Redirects within the origin keep method, body and headers; others would take credentials elsewhere (I-28, G-47). */
  async #follow (request: HttpRequest, cancellation: Cancellation, headMs: number): Promise<Answer> {
    let { url } = request
    for (let redirects = 0; ; redirects++) {
      const answer = await this.#once({ ...request, url }, cancellation, headMs)
      const { status } = answer
      // Browsers do not show where a redirect leads: its status is 0.
      if (status !== 0 && (status < 300 || status > 399)) return answer
      answer.discard()
      const location = answer.header('location')
      const target = location !== undefined && URL.canParse(location, url.href) ? new URL(location, url) : undefined
      if ((status !== 307 && status !== 308) || target?.origin !== url.origin || redirects >= MAX_REDIRECTS) {
        throw new MCP_CLIENT_REDIRECTED(`HTTP ${status} to ${target === undefined ? 'an unknown place' : target.origin + target.pathname}`, { status })
      }
      url = target
    }
  }

  async #once (request: HttpRequest, cancellation: Cancellation, headMs: number): Promise<Answer> {
    const { http, limits, watches } = this.#options
    if (cancellation.cancelled) throw new MCP_CLIENT_ABORTED()
    const call = http.request(request)
    cancellation.covers(call)
    const watch = watches.add(0, headMs, () => call.abort())
    try {
      return new Answer(call, await call.reply, { limits, watches, onOver: () => this.#running.delete(cancellation) })
    } catch (error) {
      throw watch.expired ?? error
    } finally {
      watches.delete(watch)
    }
  }
}

function checkedHeaders (given: Readonly<Record<string, string>>): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(given)) {
    const key = name.toLowerCase()
    if (isOwnHeader(key)) throw new MCP_CLIENT_BAD_OPTION(`headers.${name} is set by the transport and cannot be overridden`)
    headers[key] = value
  }
  return headers
}
