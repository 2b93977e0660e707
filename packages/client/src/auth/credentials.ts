import { MCP_CLIENT_UNAUTHORIZED } from '../errors.ts'
import type { AuthChallenge, ClientAuth } from './auth.ts'

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

  /** Without `auth`, nothing is awaited. */
  get inUse (): boolean {
    return this.#auth !== undefined
  }

  async authorize (passage: Passage, headers: Record<string, string>): Promise<void> {
    passage.token = await this.#auth?.token()
    if (passage.token !== undefined) headers.authorization = `Bearer ${passage.token}`
  }

  /**
   * Waits for better credentials after a request was refused.
   * @throws MCP_CLIENT_UNAUTHORIZED When there is no way past it, or what `onUnauthorized` throws.
   */
  async renew (passage: Passage, challenge: AuthChallenge): Promise<void> {
    const { status, error, scope, challenges } = challenge
    const spent = status === 401 ? passage.renewals++ > 0 : passage.stepUps++ >= (this.#auth?.stepUps ?? 1)
    if (this.#auth?.onUnauthorized === undefined || spent) {
      throw new MCP_CLIENT_UNAUTHORIZED([`HTTP ${status}`, error, scope].join(' ').trim(), { status, challenges })
    }
    // Somebody else's request was refused first, and there is a new token already.
    if (status === 401 && passage.token !== undefined && await this.#auth.token() !== passage.token) return
    const key = status === 401 ? '' : `for ${scope}`
    const flow = this.#flows.get(key) ?? this.#flow(challenge).finally(() => this.#flows.delete(key))
    this.#flows.set(key, flow)
    await flow
  }

  async #flow (challenge: AuthChallenge): Promise<void> {
    await this.#auth?.onUnauthorized?.(challenge)
  }
}
