/** Which scopes a caller has, when broader ones imply narrower ones (G-9). */

/** A scope and those it implies, such as `{ admin: ['write'], write: ['read'] }`. */
export type ScopeHierarchy = Readonly<Record<string, readonly string[]>>

export class ScopeBook {
  readonly #implied: ReadonlyMap<string, readonly string[]>
  /** By the list of the principal, which requests share where tokens are remembered. */
  readonly #expanded = new WeakMap<readonly string[], ReadonlySet<string>>()

  constructor (hierarchy: ScopeHierarchy = {}) {
    this.#implied = new Map(Object.entries(hierarchy))
  }

  /** Whether whoever was granted `granted` has all of `needed`. */
  covers (granted: readonly string[], needed: readonly string[]): boolean {
    if (needed.length === 0) return true
    const all = this.#expand(granted)
    return needed.every(scope => all.has(scope))
  }

  #expand (granted: readonly string[]): ReadonlySet<string> {
    const known = this.#expanded.get(granted)
    if (known !== undefined) return known
    const all = new Set<string>()
    // A set that grows is walked to its new end, so a circle ends where it began.
    for (const scope of granted) all.add(scope)
    for (const scope of all) for (const narrower of this.#implied.get(scope) ?? []) all.add(narrower)
    this.#expanded.set(granted, all)
    return all
  }
}
