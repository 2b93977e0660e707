/** Declarative rules: what a message or an entry of the catalogue needs. */
import type { CatalogueKind, JsonRpcNotification, JsonRpcRequest } from '@mcp/protocol'
import { targetsOf, type Target } from './targets.ts'
import { matcher, type Matcher } from './wildcard.ts'

/** Names exactly one of `method`, `tool`, `prompt`, `resource`; in each `*` stands for any characters. */
export interface AuthorizationRule {
  /** Such as `tools/call`, `resources/*`, `*`. */
  readonly method?: string | readonly string[]
  readonly tool?: string | readonly string[]
  readonly prompt?: string | readonly string[]
  /** URIs, and URI templates as they are listed. */
  readonly resource?: string | readonly string[]
  /** All of these are needed. */
  readonly scopes: readonly string[]
  /** Whoever lacks a scope does not get to know that it exists. Not for `method`. */
  readonly hidden?: boolean
}

interface CompiledRule {
  readonly kind: CatalogueKind | 'method'
  readonly matches: Matcher
  readonly scopes: readonly string[]
  readonly hidden: boolean
}

export class RuleBook {
  readonly #methods: readonly CompiledRule[]
  readonly #entries: readonly CompiledRule[]
  readonly #hidden: readonly CompiledRule[]

  constructor (rules: readonly AuthorizationRule[]) {
    const compiled = rules.map(compile)
    this.#methods = compiled.filter(({ kind }) => kind === 'method')
    this.#hidden = compiled.filter(({ hidden }) => hidden)
    this.#entries = compiled.filter(({ kind, hidden }) => kind !== 'method' && !hidden)
  }

  get hides (): boolean {
    return this.#hidden.length > 0
  }

  /** What a message needs by the rules everybody may know of. */
  needed (message: JsonRpcRequest | JsonRpcNotification): string[] {
    const scopes = new Set<string>()
    for (const rule of this.#methods) if (rule.matches(message.method)) add(scopes, rule)
    if (this.#entries.length > 0) {
      const targets = targetsOf(message)
      for (const rule of this.#entries) if (targets.some(target => concerns(rule, target))) add(scopes, rule)
    }
    return [...scopes]
  }

  /** What one needs to know of an entry. */
  neededToSee (target: Target): string[] {
    const scopes = new Set<string>()
    for (const rule of this.#hidden) if (concerns(rule, target)) add(scopes, rule)
    return [...scopes]
  }
}

function concerns (rule: CompiledRule, { kind, name }: Target): boolean {
  return rule.kind === kind && rule.matches(name)
}

function add (scopes: Set<string>, rule: CompiledRule): void {
  for (const scope of rule.scopes) scopes.add(scope)
}

function compile ({ method, tool, prompt, resource, scopes, hidden = false }: AuthorizationRule): CompiledRule {
  const rule = { scopes: [...scopes], hidden }
  if (method !== undefined) return { ...rule, kind: 'method', matches: matcher(method) }
  if (tool !== undefined) return { ...rule, kind: 'tool', matches: matcher(tool) }
  if (prompt !== undefined) return { ...rule, kind: 'prompt', matches: matcher(prompt) }
  return { ...rule, kind: 'resource', matches: matcher(resource ?? []) }
}
