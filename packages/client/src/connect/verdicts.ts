import type { Http } from '../http/http.ts'
import type { TransportKind } from './auto-transport.ts'

/** What a server turned out to be. */
export interface Verdict {
  readonly kind: 'modern' | TransportKind
  /** When that was found out, milliseconds since 1970. */
  readonly at: number
}

/** Remembers what servers are, by origin and path. */
export interface Verdicts {
  get (key: string): Verdict | undefined
  set (key: string, verdict: Verdict): unknown
  delete (key: string): unknown
}

/** A server found to be old is asked again after this: it may have been updated, and would not say so by itself. */
export const LEGACY_VERDICT_MS = 60 * 60_000
const REMEMBERED = 1_000
const known = new Map<string, Verdict>()

/** Behind an `http` of its own a URL may name another server, as it does with `injectHttp`. */
const byHttp = new WeakMap<Http, Verdicts>()

/** The verdicts of this process, or those found over `http`. */
export function verdictsOf (http: Http | undefined): Verdicts {
  if (http === undefined) return verdicts
  const own = byHttp.get(http) ?? new Map<string, Verdict>()
  byHttp.set(http, own)
  return own
}

/** Those of this process. */
export const verdicts: Verdicts = {
  get: key => known.get(key),
  set: (key, verdict) => {
    // Whoever talks to so many servers asks them again.
    if (known.size >= REMEMBERED) known.clear()
    known.set(key, verdict)
  },
  delete: key => known.delete(key)
}

export function verdictKey (url: URL): string {
  return url.origin + url.pathname
}

export function isFresh ({ kind, at }: Verdict, now = Date.now()): boolean {
  return kind === 'modern' || now - at < LEGACY_VERDICT_MS
}
