/**
 * Which `Host` and `Origin` may talk to this endpoint: the defence against DNS rebinding and foreign pages. Pure.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports
 */

import { isTrue, quote } from '@mcp/protocol'

/** Host names (`example.com`, any port, or `example.com:8080`, or `*.example.com`), or a predicate over the header. */
export type HostRule = readonly string[] | ((host: string) => boolean)
/** Origins (`https://app.example.com`, `vscode-webview://*`, `*`), or a predicate over the header. */
export type OriginRule = readonly string[] | ((origin: string) => boolean)

export interface GuardPolicy {
  readonly hosts: HostRule | undefined
  readonly origins: OriginRule | undefined
  /** What CORS allows; without `origins` these pages may call, beside those of the default. */
  readonly cors?: OriginRule | undefined
  /** Whether the server listens on loopback addresses alone, and so by default serves loopback names alone. */
  readonly loopback: boolean
}

interface Authority {
  readonly hostname: string
  readonly port: string
}

/** Why a request is turned away, or `undefined` when it may pass (H-1…H-4). */
export function guardFault (host: string | undefined, origin: string | undefined, policy: GuardPolicy): string | undefined {
  const authority = host === undefined ? null : parseAuthority(host)
  if (host === undefined || authority === null) return 'the Host header is missing or malformed'
  if (!hostAllowed(host, authority, policy)) return 'the Host header names a host that is not allowed'
  if (origin !== undefined && !originAllowed(origin, authority, policy)) {
    return `the Origin header names an origin that is not allowed: ${quote(origin)}; the option allowedOrigins of mcpStreamable lists those that are`
  }
  return undefined
}

function hostAllowed (host: string, authority: Authority, { hosts, loopback }: GuardPolicy): boolean {
  if (typeof hosts === 'function') return isTrue(hosts(host))
  if (hosts !== undefined) return hosts.some(rule => matchesHost(rule, authority))
  return !loopback || isLoopback(authority.hostname)
}

function originAllowed (origin: string, host: Authority, policy: GuardPolicy): boolean {
  const parsed = parseOrigin(origin)
  if (policy.origins !== undefined) return isListed(policy.origins, origin, parsed)
  if (policy.cors !== undefined && isListed(policy.cors, origin, parsed)) return true
  if (parsed === null) return false
  if (policy.loopback && isLoopback(parsed.hostname)) return true
  // Same origin. The scheme is unknown behind a proxy that ends TLS, and cannot be chosen by a page on another host.
  return parsed.hostname === host.hostname && (parsed.port === host.port || parsed.port === '' || host.port === '')
}

function isListed (rule: OriginRule, origin: string, parsed: URL | null): boolean {
  if (typeof rule === 'function') return isTrue(rule(origin))
  if (rule.includes('*')) return true
  return parsed !== null && rule.some(entry => matchesOrigin(entry, origin, parsed))
}

function matchesHost (rule: string, host: Authority): boolean {
  if (rule === '*') return true
  if (rule.startsWith('*.')) return host.hostname.endsWith(rule.slice(1).toLowerCase())
  const wanted = parseAuthority(rule)
  return wanted !== null && wanted.hostname === host.hostname && (wanted.port === '' || wanted.port === host.port)
}

function matchesOrigin (rule: string, origin: string, parsed: URL): boolean {
  if (rule.endsWith('://*')) return parsed.protocol === rule.slice(0, -3).toLowerCase()
  return rule.toLowerCase() === origin.toLowerCase()
}

/** `null`, several origins and anything else that is no serialized origin are refused (RFC 6454 §7). */
function parseOrigin (origin: string): URL | null {
  if (origin === 'null' || !URL.canParse(origin)) return null
  const url = new URL(origin)
  const rest = origin.slice(url.protocol.length + 2)
  return url.host !== '' && !/[/?#@,\s]/.test(rest) ? url : null
}

function parseAuthority (host: string): Authority | null {
  if (/[/?#@,\s]/.test(host) || !URL.canParse(`ws://${host}`)) return null
  const { hostname, port } = new URL(`ws://${host}`)
  return { hostname: hostname.replace(/\.$/, ''), port }
}

function isLoopback (hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || hostname.endsWith('.localhost') || /^127(?:\.\d{1,3}){3}$/.test(hostname)
}

/** Whether a server bound to this address is out of reach from other machines. */
export function isLoopbackAddress (address: string): boolean {
  return address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.')
}
