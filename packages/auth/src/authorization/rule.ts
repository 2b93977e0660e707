/** Declarative rules: what a message or an entry of the catalogue needs. */
import { quote, type CatalogueKind, type JsonRpcNotification, type JsonRpcRequest, type RuleNames } from '@mcp/protocol'
import { hasTargets, isBasic, targetsOf, type Target } from './targets.ts'
import { matcher, type Matcher } from './wildcard.ts'

/** Names exactly one of `method`, `tool`, `prompt`, `resource`; in each `*` stands for any characters. */
export interface AuthorizationRule {
  /** Such as `tools/call`, `resources/*`, `*`. */
  readonly method?: string | readonly string[]
  readonly tool?: string | readonly string[]
  readonly prompt?: string | readonly string[]
  /** URIs, and URI templates as they are listed. */
  readonly resource?: string | readonly string[]
  /** All of these are needed. An empty list admits every caller that is authenticated; it needs `defaultPolicy: 'deny'`. */
  readonly scopes: readonly string[]
  /** Whoever lacks a scope does not get to know that it exists. Not for `method`. */
  readonly hidden?: boolean
}

/** What becomes of a message that no rule names. */
export type DefaultPolicy = 'allow' | 'deny'

interface CompiledRule {
  readonly kind: CatalogueKind | 'method'
  readonly matches: Matcher
  readonly scopes: readonly string[]
  readonly hidden: boolean
}

export class RuleBook {
  /** Names of entries in the rules, by kind. */
  readonly names: RuleNames
  readonly #denies: boolean
  readonly #methods: readonly CompiledRule[]
  readonly #entries: readonly CompiledRule[]
  readonly #hidden: readonly CompiledRule[]

  constructor (rules: readonly AuthorizationRule[], defaultPolicy: DefaultPolicy = 'allow') {
    const compiled = rules.map(compile)
    const names = (kind: CatalogueKind): string[] => rules.flatMap(rule => rule[kind] ?? [])
    this.names = { tool: names('tool'), prompt: names('prompt'), resource: names('resource') }
    this.#denies = defaultPolicy === 'deny'
    this.#methods = compiled.filter(({ kind }) => kind === 'method')
    this.#hidden = compiled.filter(({ hidden }) => hidden)
    this.#entries = compiled.filter(({ kind, hidden }) => kind !== 'method' && !hidden)
  }

  /** Whether some entries are invisible to some callers. */
  get hides (): boolean {
    return this.#denies || this.#hidden.length > 0
  }

  /** What no rule names although it has to be named, or `null` when the message may run. */
  unnamed (message: JsonRpcRequest | JsonRpcNotification): string | null {
    const { method } = message
    if (!this.#denies || isBasic(method)) return null
    const targets = targetsOf(message)
    if (targets.length === 0) {
      // Without an entry a listen is about lists, which show only what rules name. The other methods are useless without an entry.
      if (method === 'subscriptions/listen') return null
      return !hasTargets(method) && this.#methods.some(rule => rule.matches(method)) ? null : `the method ${quote(method)}`
    }
    const missing = targets.find(target => !this.isNamed(target))
    return missing === undefined ? null : `the ${missing.kind} ${quote(missing.name)}`
  }

  /** Whether the default policy leaves an entry visible: always with `allow`, with `deny` when a rule names it. */
  isNamed (target: Target): boolean {
    return !this.#denies || this.#entries.some(rule => concerns(rule, target)) || this.#hidden.some(rule => concerns(rule, target))
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
