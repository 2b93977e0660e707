/** What a token says of itself before anybody has verified it: good for finding its issuer and key, and for nothing else. */
import { isObject, type JsonObject } from '@mcp/protocol'

export interface UnverifiedToken {
  readonly header: JsonObject
  readonly payload: JsonObject
}

/** `null` for what is no JWT. */
export function unverified (token: string): UnverifiedToken | null {
  const [first = '', second = '', third] = token.split('.', 4)
  if (third === undefined) return null
  const header = decoded(first)
  const payload = decoded(second)
  return header === null || payload === null ? null : { header, payload }
}

function decoded (segment: string): JsonObject | null {
  try {
    const part: unknown = JSON.parse(Buffer.from(segment, 'base64url').toString())
    return isObject(part) ? part : null
  } catch {
    return null
  }
}
