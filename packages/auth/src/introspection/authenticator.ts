/** Opaque tokens: the authorization server is asked, and what it said is remembered for a while (RFC 7662). */
import type { JsonObject } from '@mcp/protocol'
import { denied, frozen, isExpired, proven, type Denial, type KeptPrincipal, type Outcome } from '../authenticator.ts'
import { MCP_AUTH_UNAVAILABLE } from '../errors.ts'
import { Lru } from '../lru.ts'
import { tokenHash } from '../token.ts'
import { judgeIntrospection, type IntrospectionPolicy } from './response.ts'

/** A token that is not active is asked about again after this; it may have been too new. */
const INACTIVE_MS = 5000
/** Questions under way; more tell the caller to come back. */
const MOST_PENDING = 100

export interface IntrospectionSettings extends IntrospectionPolicy {
  readonly cacheMs: number
  readonly cacheEntries: number
}

type Verdict = KeptPrincipal | Denial

export class IntrospectionAuthenticator {
  readonly #ask: (token: string) => Promise<JsonObject>
  readonly #settings: IntrospectionSettings
  readonly #known: Lru<Verdict>
  readonly #pending = new Map<string, Promise<Verdict>>()

  /** `ask` answers the body of an introspection response. */
  constructor (ask: (token: string) => Promise<JsonObject>, settings: IntrospectionSettings) {
    this.#ask = ask
    this.#settings = settings
    this.#known = new Lru(settings.cacheEntries)
  }

  authenticate (token: string): Outcome | Promise<Outcome> {
    const hash = tokenHash(token)
    const known = this.#known.get(hash)
    return known === undefined ? this.#examine(token, hash) : outcome(known, token, this.#settings.skewSeconds)
  }

  async #examine (token: string, hash: string): Promise<Outcome> {
    const verdict = await (this.#pending.get(hash) ?? this.#question(token, hash))
    return outcome(verdict, token, this.#settings.skewSeconds)
  }

  #question (token: string, hash: string): Promise<Verdict> {
    if (this.#pending.size >= MOST_PENDING) throw new MCP_AUTH_UNAVAILABLE('too many tokens are being introspected')
    const question = this.#asked(token, hash).finally(() => this.#pending.delete(hash))
    this.#pending.set(hash, question)
    return question
  }

  async #asked (token: string, hash: string): Promise<Verdict> {
    const verdict = frozen(judgeIntrospection(await this.#ask(token), this.#settings))
    this.#known.set(hash, verdict, this.#keptUntil(verdict))
    return verdict
  }

  #keptUntil (verdict: Verdict): number {
    const now = Date.now()
    if (isDenial(verdict)) return now + Math.min(INACTIVE_MS, this.#settings.cacheMs)
    const { expiresAt = Infinity } = verdict
    return Math.min(now + this.#settings.cacheMs, expiresAt * 1000)
  }
}

function outcome (verdict: Verdict, token: string, skewSeconds: number): Outcome {
  if (isDenial(verdict)) return verdict
  return isExpired(verdict.expiresAt, skewSeconds) ? denied('the token has expired') : proven(verdict, token)
}

function isDenial (verdict: Verdict): verdict is Denial {
  return 'reason' in verdict
}
