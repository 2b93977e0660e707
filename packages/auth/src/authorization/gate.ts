/** Whether a message may run, decided for each one before any of them does (G-8, G-20). */
import { isThenable, type Caller, type CatalogueKind, type JsonRpcNotification, type JsonRpcRequest, type MessageGate, type Offered, type Principal, type Refusal } from '@mcp/protocol'
import { callbackFailed, MCP_AUTH_BAD_PRINCIPAL } from '../errors.ts'
import type { Refusals } from '../refusals.ts'
import type { NameCheck } from './name-check.ts'
import type { RuleBook } from './rule.ts'
import type { ScopeBook } from './scopes.ts'

type Judged = JsonRpcRequest | JsonRpcNotification

/** `true` or `false`, or the scopes it takes. */
export type Verdict = boolean | readonly string[]

/** Asked about every request and notification; `false` where no scope would help. What it throws is a fault of its own: 500. */
export type Authorize = (principal: Principal, message: Judged) => Verdict | Promise<Verdict>

export class AuthorizationGate implements MessageGate {
  readonly #rules: RuleBook
  readonly #scopes: ScopeBook
  readonly #authorize: Authorize | undefined
  readonly #refusals: Refusals
  /** Absent when no rule names an entry. */
  readonly offers?: (offer: Promise<Offered>) => void

  constructor (rules: RuleBook, scopes: ScopeBook, authorize: Authorize | undefined, refusals: Refusals, check: NameCheck | null) {
    if (check !== null) this.offers = offer => check.add(offer)
    this.#rules = rules
    this.#scopes = scopes
    this.#authorize = authorize
    this.#refusals = refusals
  }

  judge (message: Judged, { principal }: Caller): Refusal | null | Promise<Refusal | null> {
    if (principal === null) return this.#refusals.missing
    const unnamed = this.#rules.unnamed(message)
    if (unnamed !== null) return this.#refusals.forbidden(unnamed)
    const needed = this.#rules.needed(message)
    if (this.#authorize === undefined) return this.#verdict(needed, true, principal)
    let verdict: Verdict | Promise<Verdict>
    try {
      verdict = this.#authorize(principal, message)
    } catch (error) {
      throw callbackFailed(error)
    }
    if (!isThenable(verdict)) return this.#verdict(needed, verdict, principal)
    return Promise.resolve(verdict).then(late => this.#verdict(needed, late, principal), error => { throw callbackFailed(error) })
  }

  sees (kind: CatalogueKind, name: string, principal: Principal | null): boolean {
    if (!this.#rules.hides) return true
    const target = { kind, name }
    return this.#rules.isNamed(target) && this.#scopes.covers(principal?.scopes ?? [], this.#rules.neededToSee(target))
  }

  #verdict (needed: readonly string[], verdict: Verdict, principal: Principal): Refusal | null {
    if (typeof verdict !== 'boolean' && !isScopes(verdict)) throw new MCP_AUTH_BAD_PRINCIPAL('"authorize" must answer true, false, or a list of scopes')
    const all = typeof verdict === 'boolean' ? needed : [...new Set([...needed, ...verdict])]
    if (!this.#scopes.covers(principal.scopes, all)) return this.#refusals.insufficientScope(all)
    return verdict === false ? this.#refusals.forbidden() : null
  }
}

function isScopes (verdict: unknown): verdict is readonly string[] {
  return Array.isArray(verdict) && verdict.every(scope => typeof scope === 'string' && /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope))
}
