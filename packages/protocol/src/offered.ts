/** What an application offers, compared with the names that rules contain: a misspelled name in a rule protects nothing. */
import type { CatalogueKind } from './gates.ts'

/** Names of tools and prompts, URIs and URI templates of resources. A kind is absent where the application does not list it. */
export type Offered = Readonly<Partial<Record<CatalogueKind, readonly string[]>>>

/** Names in rules, by kind. `*` in a name stands for any characters. */
export type RuleNames = Readonly<Record<CatalogueKind, readonly string[]>>

/** What a comparison found. */
export interface OfferReport {
  /** Names that no application offers, with the offered name that comes closest, where one does. */
  readonly unknown: ReadonlyArray<{ readonly kind: CatalogueKind, readonly name: string, readonly similar: string | undefined }>
  /** Kinds that rules name and at least one application does not list: their names were not compared. */
  readonly unlisted: readonly CatalogueKind[]
  /** Everything that the applications list. */
  readonly offered: Offered
}

const KINDS: readonly CatalogueKind[] = ['tool', 'prompt', 'resource']
/** More letters than this are another word. */
const MAX_TYPOS = 3
const MAX_COMPARED = 128

/**
 * Compares names in rules with what all applications behind these rules offer. Several endpoints may share the rules of a scope, so a name
 * counts as unknown when none of them offers it.
 */
export class OfferCheck {
  readonly #names: RuleNames
  readonly #report: (report: OfferReport) => void
  readonly #offers: Array<Promise<Offered>> = []

  constructor (names: RuleNames, report: (report: OfferReport) => void) {
    this.#names = names
    this.#report = report
  }

  /** `offer` settles when the server is ready; until then other endpoints may add theirs. A rejected offer ends the comparison. */
  add (offer: Promise<Offered>): void {
    if (this.#offers.push(offer) > 1) return
    const compare = async (): Promise<void> => {
      await offer
      this.#report(compareOffers(this.#names, await Promise.all(this.#offers)))
    }
    compare().catch(() => {})
  }
}

/** Pure. */
export function compareOffers (names: RuleNames, offers: readonly Offered[]): OfferReport {
  const named = KINDS.filter(kind => names[kind].length > 0)
  const unlisted = named.filter(kind => offers.some(offer => offer[kind] === undefined))
  const listed = (kind: CatalogueKind): string[] => [...new Set(offers.flatMap(offer => offer[kind] ?? []))]
  const unknown = named.filter(kind => !unlisted.includes(kind)).flatMap(kind => {
    const offered = listed(kind)
    const exact = new Set(offered)
    const shapes = kind === 'resource' ? offered.map(uri => uri.replaceAll(/\{[^}]*\}/g, '*')) : offered
    return [...new Set(names[kind])]
      .filter(name => !/^\*+$/.test(name) && !exact.has(name) && !shapes.some(shape => overlap(name, shape)))
      .map(name => ({ kind, name, similar: closest(name, offered) }))
  })
  return { unknown, unlisted, offered: { tool: listed('tool'), prompt: listed('prompt'), resource: listed('resource') } }
}

/** Whether a text exists that both patterns match, `*` in each standing for any characters. */
function overlap (one: string, other: string): boolean {
  if (!one.includes('*') && !other.includes('*')) return one === other
  // reachable[j]: the part of `one` so far and the first j characters of `other` match a common text.
  let reachable = Array.from({ length: other.length + 1 }, (_, j) => /^\**$/.test(other.slice(0, j)))
  for (const character of one) {
    const next: boolean[] = [character === '*' && reachable[0] === true]
    for (let j = 1; j <= other.length; j++) {
      const facing = other[j - 1]
      if (character === '*') next[j] = reachable[j] === true || next[j - 1] === true
      else if (facing === '*') next[j] = reachable[j] === true || next[j - 1] === true
      else next[j] = reachable[j - 1] === true && facing === character
    }
    reachable = next
  }
  return reachable[other.length] === true
}

function closest (name: string, offered: readonly string[]): string | undefined {
  let best: string | undefined
  let least = Math.min(MAX_TYPOS, Math.floor(name.length / 3)) + 1
  for (const other of offered) {
    if (Math.max(name.length, other.length) > MAX_COMPARED || Math.abs(name.length - other.length) >= least) continue
    const distance = typos(name.toLowerCase(), other.toLowerCase())
    if (distance < least) [best, least] = [other, distance]
  }
  return best
}

/** Levenshtein's distance. */
function typos (one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, j) => j)
  for (let i = 1; i <= one.length; i++) {
    const next = [i]
    for (let j = 1; j <= other.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1)
      next[j] = Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1)
    }
    row = next
  }
  return row[other.length] ?? 0
}
