import { challengeOf } from '../auth/challenge.ts'
import { Credentials } from '../auth/credentials.ts'
import { MCP_CLIENT_ABORTED, MCP_CLIENT_REDIRECTED } from '../errors.ts'
import type { Limits } from '../limits.ts'
import { urlAt, type ClientOptions } from '../options.ts'
import type { Timers } from '../timers.ts'
import { Watch } from '../watch.ts'
import { Answer } from './answer.ts'
import type { Http, HttpCall, HttpRequest } from './http.ts'
import { usersHeaders } from './own-headers.ts'

const MAX_REDIRECTS = 5

/** Something that may be cancelled while one HTTP call after another works on it. */
export class Cancellation {
  cancelled = false
  #call: HttpCall | undefined

  cancel (): void {
    this.cancelled = true
    this.interrupt()
  }

  /** Ends the call that runs; others may follow. */
  interrupt (): void {
    this.#call?.abort()
  }

  /** The call that is to be aborted from now on. */
  covers (call: HttpCall): void {
    this.#call = call
    if (this.cancelled) call.abort()
  }
}

/** Makes HTTP calls: with the user's headers and credentials, through 401 and redirects, within limits. */
export class Caller {
  readonly #http: Http
  readonly #limits: Limits
  readonly #timers: Timers
  readonly #headers: Readonly<Record<string, string>>
  readonly #credentials: Credentials
  readonly #running = new Set<Cancellation>()

  constructor (http: Http, { headers, auth }: ClientOptions, limits: Limits, timers: Timers) {
    this.#http = http
    this.#limits = limits
    this.#timers = timers
    this.#headers = usersHeaders(headers)
    this.#credentials = new Credentials(auth)
  }

  /**
   * @returns Any answer but 401 and redirects.
   * @throws MCP_CLIENT_UNREACHABLE, MCP_CLIENT_CONNECTION_LOST, MCP_CLIENT_UNAUTHORIZED, MCP_CLIENT_REDIRECTED, MCP_CLIENT_TIMEOUT,
   * MCP_CLIENT_ABORTED
   */
  async call (request: HttpRequest, cancellation: Cancellation, headMs = this.#limits.headMs): Promise<Answer> {
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
    const passage = { token: undefined, renewals: 0, stepUps: 0 }
    for (;;) {
      const headers = { ...this.#headers, ...request.headers }
      if (this.#credentials.inUse) await this.#credentials.authorize(passage, headers)
      const answer = await this.#follow({ ...request, headers }, cancellation, headMs)
      const challenge = challengeOf(answer.status, request.url, answer.header('www-authenticate'))
      if (challenge === undefined) return answer
      answer.discard()
      await this.#credentials.renew(passage, challenge)
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
      const target = location === undefined ? undefined : urlAt(location, url)
      if ((status !== 307 && status !== 308) || target?.origin !== url.origin || redirects >= MAX_REDIRECTS) {
        throw new MCP_CLIENT_REDIRECTED(`HTTP ${status} to ${target === undefined ? 'an unknown place' : target.origin + target.pathname}`, { status })
      }
      url = target
    }
  }

  async #once (request: HttpRequest, cancellation: Cancellation, headMs: number): Promise<Answer> {
    if (cancellation.cancelled) throw new MCP_CLIENT_ABORTED()
    const call = this.#http.request(request)
    cancellation.covers(call)
    const watch = new Watch(this.#timers, 0, headMs, () => call.abort())
    try {
      return new Answer(call, await call.reply, this.#limits, this.#timers, () => this.#running.delete(cancellation))
    } catch (error) {
      throw watch.expired ?? error
    } finally {
      watch.stop()
    }
  }
}
