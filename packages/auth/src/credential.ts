/** What a request shows to say who is calling: at most one credential, in a header, never in the URL (G-2, G-3, G-10, G-23, G-24, G-28). */
import { occurrences, quote, type RequestHead } from '@mcp/protocol'

export type Credential =
  | { readonly kind: 'none' }
  /** A scheme we do not speak, or `Bearer` without a token: the client is told what to send. */
  | { readonly kind: 'other', readonly reason: string }
  | { readonly kind: 'malformed', readonly reason: string }
  | { readonly kind: 'bearer', readonly token: string }
  /** From the header that is for API keys alone. */
  | { readonly kind: 'key', readonly token: string }

const NONE: Credential = { kind: 'none' }
const BEARER = 'bearer'
/** What may be repeated in a log: anything else in place of the scheme may be a token (H-20). */
const KNOWN_SCHEME = /^(?:basic|digest|dpop|gnap|hoba|mutual|negotiate|ntlm|oauth|privatetoken|token|apikey)$/i
/** Nothing that is longer than a header block usually may be is hashed, parsed or sent on. */
const LONGEST_TOKEN = 16_384

/** `keyHeader` in lower case; `undefined` where there is none. */
export function credentialOf (head: RequestHead, keyHeader: string | undefined): Credential {
  const { rawHeaders, headers } = head
  const authorizations = occurrences(rawHeaders, 'authorization')
  if (authorizations > 1) return malformed('the Authorization header was sent more than once')
  // An empty field beside a credential is what configuration with an unset variable sends.
  if (keyHeader !== undefined && headers[keyHeader] !== undefined && !(authorizations > 0 && isEmpty(headers[keyHeader]))) {
    if (occurrences(rawHeaders, keyHeader) > 1) return malformed(`the ${keyHeader} header was sent more than once`)
    if (authorizations > 0 && !isEmpty(headers.authorization)) return malformed(`both Authorization and ${keyHeader} were sent`)
    return fromKeyHeader(String(headers[keyHeader]).trim(), keyHeader)
  }
  const value = headers.authorization
  return typeof value === 'string' ? fromAuthorization(value.trim()) : NONE
}

function isEmpty (value: RequestHead['headers'][string]): boolean {
  return typeof value === 'string' && value.trim() === ''
}

function fromKeyHeader (token: string, name: string): Credential {
  if (token === '') return other(`the ${name} header is empty`)
  return fault(token, name) ?? { kind: 'key', token }
}

function fromAuthorization (value: string): Credential {
  const space = value.indexOf(' ')
  const scheme = space === -1 ? value : value.slice(0, space)
  if (scheme.toLowerCase() !== BEARER) {
    return other(KNOWN_SCHEME.test(scheme) ? `the scheme ${quote(scheme)} is not supported` : 'the Authorization header names no scheme we know')
  }
  const token = space === -1 ? '' : value.slice(space + 1).trim()
  if (token === '') return other('the Authorization header holds no token')
  return fault(token, 'Authorization') ?? { kind: 'bearer', token }
}

function fault (token: string, header: string): Credential | undefined {
  if (token.length > LONGEST_TOKEN) return malformed(`the token in ${header} is longer than ${LONGEST_TOKEN} characters`)
  // Of a long token a regular expression would take as long as its hash.
  return token.includes(' ') || token.includes('\t') || token.includes(',') ? malformed(`the ${header} header holds more than one token`) : undefined
}

function malformed (reason: string): Credential {
  return { kind: 'malformed', reason }
}

function other (reason: string): Credential {
  return { kind: 'other', reason }
}
