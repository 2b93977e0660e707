/** Who is calling: finds the credential of a request and the one authenticator it is for (G-4, G-19, G-25). */
import { isTrue, type AuthGate, type Authentication, type Refusal, type RequestHead } from '@mcp/protocol'
import type { Authenticate, Outcome } from './authenticator.ts'
import { credentialOf, type Credential } from './credential.ts'
import { callbackFailed, isUnavailable } from './errors.ts'
import type { Refusals } from './refusals.ts'
import { isJwtShaped } from './token.ts'

/** The authenticators of an endpoint by the tokens each takes; a token has exactly one. */
export interface Desks {
  readonly jwt: Authenticate | undefined
  readonly apiKeys: Authenticate | undefined
  readonly introspection: Authenticate | undefined
  readonly custom: Authenticate | undefined
  /** Tokens `custom` claims as its own. */
  readonly accepts: ((token: string) => boolean) | undefined
  /** Asked where nothing was sent. */
  readonly withoutToken: ((head: RequestHead) => Outcome | Promise<Outcome>) | undefined
  /** Asked where something else than a Bearer token was sent. */
  readonly anyScheme?: ((head: RequestHead) => Outcome | Promise<Outcome>) | undefined
  /** What API keys begin with. */
  readonly keyPrefix: string
  /** In lower case. */
  readonly keyHeader: string | undefined
}

export interface GateLog {
  warn (details: object, message: string): void
}

export class BearerGate implements AuthGate {
  readonly #desks: Desks
  readonly #refusals: Refusals
  readonly #log: GateLog

  constructor (desks: Desks, refusals: Refusals, log: GateLog) {
    this.#desks = desks
    this.#refusals = refusals
    this.#log = log
  }

  authenticate (head: RequestHead): Authentication | Promise<Authentication> {
    const credential = credentialOf(head, this.#desks.keyHeader)
    if (credential.kind === 'malformed') return this.#refusals.malformed(credential.reason)
    try {
      const outcome = this.#ask(credential, head)
      if (!(outcome instanceof Promise)) return this.#answer(outcome, credential)
      return outcome.then(late => this.#answer(late, credential)).catch((error: unknown) => this.#failed(error))
    } catch (error) {
      // A fault of the gate's own is a rejection, also where it need not have waited.
      return isUnavailable(error) ? this.#failed(error) : Promise.reject(callbackFailed(error))
    }
  }

  lacking (scopes: readonly string[]): Refusal {
    return this.#refusals.insufficientScope(scopes)
  }

  /** `null` where there is nobody to ask. */
  #ask (credential: Exclude<Credential, { kind: 'malformed' }>, head: RequestHead): Outcome | null | Promise<Outcome | null> {
    switch (credential.kind) {
      case 'none':
        return this.#desks.withoutToken?.(head) ?? null
      case 'other':
        return this.#desks.anyScheme?.(head) ?? null
      case 'key':
        return this.#desks.apiKeys?.(credential.token, head) ?? null
      case 'bearer':
        return this.#deskFor(credential.token)?.(credential.token, head) ?? null
    }
  }

  /** By the shape of the token alone; nobody else is asked when that one says no (G-25). */
  #deskFor (token: string): Authenticate | undefined {
    const { jwt, apiKeys, introspection, custom, accepts, keyPrefix } = this.#desks
    if (accepts !== undefined && isTrue(accepts(token))) return custom
    if (apiKeys !== undefined && token.startsWith(keyPrefix)) return apiKeys
    const others = introspection ?? (accepts === undefined ? custom : undefined)
    return isJwtShaped(token) ? jwt ?? others ?? apiKeys : others ?? apiKeys ?? jwt
  }

  #answer (outcome: Outcome | null, credential: Credential): Authentication {
    if (outcome?.kind === 'principal') return outcome
    if (credential.kind === 'none') return this.#refusals.missing
    if (credential.kind === 'other') return this.#refusals.unknownScheme(credential.reason)
    return this.#refusals.denied(outcome?.reason ?? 'the token is of no kind that is accepted here')
  }

  #failed (error: unknown): Authentication {
    if (!isUnavailable(error)) throw callbackFailed(error)
    this.#log.warn({ reason: error.message }, 'credential not verified')
    return this.#refusals.unavailable()
  }
}
