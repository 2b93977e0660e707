import { asError } from '../coded-error.ts'
import { MCP_CLIENT_UNAUTHORIZED } from '../errors.ts'
import type { AuthChallenge, ClientAuth } from './auth.ts'
import { bearerParam, parseChallenges } from './challenge.ts'

/** One request's way past 401 and 403: how often it tried, and with what. */
export interface Passage {
  token: string | undefined
  renewals: number
  stepUps: number
}

/** The credentials of a client, and the one flow that renews them. */
export class Credentials {
  readonly #auth: ClientAuth | undefined
  /** By what they are after: a flow for more scopes does not stand for one for a token. */
  readonly #flows = new Map<string, Promise<void>>()

  constructor (auth: ClientAuth | undefined) {
    this.#auth = auth
  }

  passage (): Passage {
    return { token: undefined, renewals: 0, stepUps: 0 }
  }

  /** The value of `Authorization`, if there is one. Without `auth`, nothing is awaited. */
  async authorize (passage: Passage, headers: Record<string, string>): Promise<void> {
    passage.token = await this.#auth?.token()
    if (passage.token !== undefined) headers.authorization = `Bearer ${passage.token}`
  }

  get inUse (): boolean {
    return this.#auth !== undefined
  }

  /**
   * Whether a refused request should be sent again; waits for better credentials first.
   * @returns `false` when the answer is no matter of credentials.
   * @throws MCP_CLIENT_UNAUTHORIZED When there is no way past it, or what `onUnauthorized` throws.
   */
  async renewed (passage: Passage, status: number, url: URL, wwwAuthenticate: string | undefined): Promise<boolean> {
    if (status !== 401 && status !== 403) return false
    const challenge = challengeOf(status, url, wwwAuthenticate)
    if (status === 403 && challenge.error !== 'insufficient_scope') return false
    const detail = [`HTTP ${status}`, challenge.error, challenge.scope].filter(part => part !== undefined).join(' ')
    const refusal = () => new MCP_CLIENT_UNAUTHORIZED(detail, { status, challenges: challenge.challenges })
    if (this.#auth?.onUnauthorized === undefined) throw refusal()
    if (status === 401) {
      if (passage.renewals++ > 0) throw refusal()
      // Somebody else's request was refused first, and there is a new token already.
      if (passage.token !== undefined && await this.#auth.token() !== passage.token) return true
    } else if (passage.stepUps++ >= (this.#auth.stepUps ?? 1)) throw refusal()
    await this.#flow(status === 401 ? '' : challenge.scope ?? '', challenge)
    return true
  }

  #flow (key: string, challenge: AuthChallenge): Promise<void> {
    const name = `${challenge.status} ${key}`
    const running = this.#flows.get(name)
    if (running !== undefined) return running
    const flow = (async () => {
      try {
        await this.#auth?.onUnauthorized?.(challenge)
      } catch (error) {
        throw asError(error)
      } finally {
        this.#flows.delete(name)
      }
    })()
    this.#flows.set(name, flow)
    return flow
  }
}

function challengeOf (status: 401 | 403, url: URL, wwwAuthenticate: string | undefined): AuthChallenge {
  const challenges = parseChallenges(wwwAuthenticate)
  return {
    status,
    url,
    challenges,
    error: bearerParam(challenges, 'error'),
    scope: bearerParam(challenges, 'scope'),
    resourceMetadata: bearerParam(challenges, 'resource_metadata')
  }
}
