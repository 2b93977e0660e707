/** Which pages may call, by their `Origin`. */
import { isTrue } from '@mcp/protocol'

/** Origins (`https://app.example.com`, `vscode-webview://*`, `*`), or a predicate over the header. */
export type OriginRule = readonly string[] | ((origin: string) => boolean)

/**
 * Whether pages of this origin may call: the rule says so, or there is none and both server and page are on this machine.
 *
 * @param loopback whether the server listens on loopback addresses alone
 */
export function isAllowedOrigin (origin: string, rule: OriginRule | undefined, loopback: boolean): boolean {
  if (typeof rule === 'function') return isTrue(rule(origin))
  if (rule?.includes('*') === true) return true
  const url = parseOrigin(origin)
  if (url === null) return false
  if (rule === undefined) return loopback && isLoopbackName(url.hostname)
  return rule.some(entry => matches(entry, origin, url))
}

function matches (entry: string, origin: string, url: URL): boolean {
  if (entry.endsWith('://*')) return url.protocol === entry.slice(0, -3).toLowerCase()
  return entry.toLowerCase() === origin.toLowerCase()
}

/** `null`, several origins and anything else that is no serialized origin are refused (RFC 6454 §7). */
function parseOrigin (origin: string): URL | null {
  if (origin === 'null' || !URL.canParse(origin)) return null
  const url = new URL(origin)
  const rest = origin.slice(url.protocol.length + 2)
  return url.host !== '' && !/[/?#@,\s]/.test(rest) ? url : null
}

function isLoopbackName (hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || hostname.endsWith('.localhost') || isLoopbackAddress(hostname)
}

/** Whether a server bound to this address is out of reach from other machines. */
export function isLoopbackAddress (address: string): boolean {
  return address === '::1' || /^(?:::ffff:)?127(?:\.\d{1,3}){3}$/.test(address)
}
