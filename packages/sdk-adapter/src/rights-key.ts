/** The rights an SDK server was built for: a factory may register tools by scopes and claims. */
import { principalKey, type Principal } from '@mcp/protocol'

/** Claims that differ between two tokens of the same rights (RFC 7519, RFC 9068, Microsoft's `aio`, `rh`, `uti`, `xms_ftd`). */
const PER_TOKEN = new Set(['exp', 'iat', 'nbf', 'jti', 'auth_time', 'aio', 'rh', 'uti', 'xms_ftd'])

/** Authenticators share frozen lists and claims between requests. */
const known = new WeakMap<object, string>()

/** Equal for principals with equal identity and rights: a refreshed token keeps its server, a narrower one gets its own. */
export function rightsKey (principal: Principal | null): string {
  if (principal === null) return ''
  return `${principalKey(principal)} ${textOf(principal.scopes, scopesText)} ${textOf(principal.claims ?? {}, claimsText)}`
}

function textOf<T extends object> (value: T, write: (value: T) => string): string {
  const before = known.get(value)
  if (before !== undefined) return before
  const text = write(value)
  if (Object.isFrozen(value)) known.set(value, text)
  return text
}

function scopesText (scopes: readonly string[]): string {
  return JSON.stringify([...new Set(scopes)].sort())
}

/** A function given to `@mcp/auth` may put anything there; what is not JSON is compared by its identity. */
function claimsText (claims: Readonly<Record<string, unknown>>): string {
  try {
    return JSON.stringify(Object.entries(claims).filter(([name]) => !PER_TOKEN.has(name)).sort(byName), notJson)
  } catch {
    return identity(claims)
  }
}

function notJson (_name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return identity(value)
  return value instanceof Map || value instanceof Set ? [...value] : value
}

function byName ([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : 1
}

let identities = 0
const named = new WeakMap<object, string>()

function identity (value: object): string {
  const name = named.get(value) ?? `#${++identities}`
  named.set(value, name)
  return name
}
