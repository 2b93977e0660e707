/**
 * Header fields MCP defines, and the encoding of values that do not fit a field value.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http
 */

/** Request headers browsers must be allowed to send. `Mcp-Param-*` has to be echoed, wildcards do not cover it. */
export const CORS_ALLOWED_HEADERS: readonly string[] = [
  'Authorization', 'Content-Type', 'Accept', 'Mcp-Session-Id', 'MCP-Protocol-Version', 'Last-Event-ID', 'Mcp-Method', 'Mcp-Name'
]

/** Response headers browsers must be allowed to read. */
export const CORS_EXPOSED_HEADERS: readonly string[] = ['Mcp-Session-Id', 'WWW-Authenticate', 'MCP-Protocol-Version', 'Retry-After']

/** The shape `IncomingMessage.headers` has. */
export type HeaderFields = Readonly<Record<string, string | readonly string[] | undefined>>

/** A field's value without optional white space around it (RFC 9110 §5.5); repeated fields arrive joined by a comma. */
export function fieldValue (value: HeaderFields[string]): string | undefined {
  if (value === undefined) return undefined
  return trimOws(typeof value === 'string' ? value : value.join(', '))
}

/** {@link fieldValue}, for fields that say nothing when they are empty: some clients send fields that have no value yet. */
export function givenValue (value: HeaderFields[string]): string | undefined {
  const given = fieldValue(value)
  return given === '' ? undefined : given
}

/** How often a field was sent, from a flat list of names and values as received. */
export function occurrences (rawHeaders: readonly string[], name: string): number {
  let count = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const candidate = rawHeaders[i]
    if (candidate !== undefined && candidate.length === name.length && candidate.toLowerCase() === name) count++
  }
  return count
}

function trimOws (value: string): string {
  let start = 0
  let end = value.length
  while (start < end && isOws(value.charCodeAt(start))) start++
  while (end > start && isOws(value.charCodeAt(end - 1))) end--
  return start === 0 && end === value.length ? value : value.slice(start, end)
}

function isOws (code: number): boolean {
  return code === 0x20 || code === 0x09
}

const SENTINEL_START = '=?base64?'
const SENTINEL_END = '?='
const PLAIN = /^(?:[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)$/

/** Encodes a value for `Mcp-Name` or `Mcp-Param-*`: as it is where that is safe, else in the base64 sentinel (E-15). */
export function encodeFieldValue (value: string): string {
  if (PLAIN.test(value) && !isSentinel(value)) return value
  return SENTINEL_START + base64(new TextEncoder().encode(value)) + SENTINEL_END
}

/** The text a mirrored field stands for, or `null` when its sentinel holds no canonical base64 of UTF-8 (E-16). */
export function decodeFieldValue (value: string): string | null {
  if (!isSentinel(value)) return value
  const encoded = value.slice(SENTINEL_START.length, -SENTINEL_END.length)
  try {
    const bytes = Uint8Array.from(atob(encoded), character => character.charCodeAt(0))
    if (base64(bytes) !== encoded) return null
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}

function isSentinel (value: string): boolean {
  return value.startsWith(SENTINEL_START) && value.endsWith(SENTINEL_END) && value.length >= SENTINEL_START.length + SENTINEL_END.length
}

function base64 (bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}
