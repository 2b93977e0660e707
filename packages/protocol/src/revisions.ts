/**
 * Protocol revisions and the two eras they fall into.
 *
 * @see https://modelcontextprotocol.io/specification/versioning
 */

/** Every revision of the Model Context Protocol, oldest first. */
export const REVISIONS = ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25', '2026-07-28'] as const

export type Revision = (typeof REVISIONS)[number]

/** `legacy`: opened by the `initialize` handshake. `modern`: stateless, envelope in `_meta`. */
export type Era = 'legacy' | 'modern'

/** The first revision of the modern era. Revisions are dates, so they compare as strings. */
export const FIRST_MODERN_REVISION = '2026-07-28'

export const LEGACY_REVISIONS: readonly Revision[] = REVISIONS.filter(revision => revision < FIRST_MODERN_REVISION)
export const MODERN_REVISIONS: readonly Revision[] = REVISIONS.filter(revision => revision >= FIRST_MODERN_REVISION)

/** What a server assumes when a legacy request names no version and no session knows it (T3, T4). */
export const ASSUMED_REVISION: Revision = '2025-03-26'

const known: ReadonlySet<string> = new Set(REVISIONS)

export function isRevision (value: unknown): value is Revision {
  return typeof value === 'string' && known.has(value)
}

export function eraOf (revision: Revision): Era {
  return revision >= FIRST_MODERN_REVISION ? 'modern' : 'legacy'
}

/**
 * Whether an `MCP-Protocol-Version` value speaks of the modern era: unknown here or modern, and sorting at or after
 * {@link FIRST_MODERN_REVISION}. `v999` does, `1999-01-01` does not.
 */
export function isModernVersion (value: string): boolean {
  return value >= FIRST_MODERN_REVISION
}

/**
 * The legacy revision `initialize` ends with: the requested one where it is served, else the latest served one.
 * A counter-offer is never a modern revision (L1–L4).
 */
export function negotiate (requested: unknown, served: readonly Revision[]): Revision | undefined {
  const legacy = served.filter(revision => eraOf(revision) === 'legacy')
  return legacy.find(revision => revision === requested) ?? legacy.toSorted().at(-1)
}
