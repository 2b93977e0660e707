/**
 * Content negotiation: what a request carries and what its sender takes back.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#name-accept
 */

export const JSON_TYPE = 'application/json'
export const STREAM_TYPE = 'text/event-stream'

/** The media type of a `Content-Type` value, lower case and without parameters; `null` for a list of types or none. */
export function essence (contentType: string | undefined): string | null {
  if (contentType === JSON_TYPE) return JSON_TYPE
  if (contentType === undefined || contentType.includes(',')) return null
  const end = contentType.indexOf(';')
  const type = (end === -1 ? contentType : contentType.slice(0, end)).trim().toLowerCase()
  return type === '' ? null : type
}

/** Which of the two reply types the sender takes. */
export interface Acceptable {
  readonly json: boolean
  readonly stream: boolean
}

const BOTH: Acceptable = { json: true, stream: true }

/** Clients send a handful of different values: remembering them saves parsing. Bounded, hostile values are not kept. */
const remembered = new Map<string, Acceptable>()
/** The last one: comparing is cheaper than hashing. */
let last = ''
let lastTakes = BOTH
const REMEMBER_AT_MOST = 64
const REMEMBER_LENGTH = 128

/**
 * Reads an `Accept` value. Absent means anything. The most specific range that matches a type decides, `q=0` refuses it
 * (RFC 9110 §12.5.1).
 */
export function acceptable (accept: string | undefined): Acceptable {
  if (accept === undefined || accept === '') return BOTH
  if (accept === last) return lastTakes
  const known = remembered.get(accept)
  if (known !== undefined) {
    last = accept
    lastTakes = known
    return known
  }
  const ranges = parseRanges(accept)
  const result = { json: takes(ranges, JSON_TYPE), stream: takes(ranges, STREAM_TYPE) }
  if (accept.length <= REMEMBER_LENGTH && remembered.size < REMEMBER_AT_MOST) remembered.set(accept, result)
  return result
}

/** Whether both reply types are named literally, as the specification asks of clients. */
export function namesBoth (accept: string | undefined): boolean {
  if (accept === undefined) return false
  const ranges = parseRanges(accept)
  return (ranges.get(JSON_TYPE) ?? 0) > 0 && (ranges.get(STREAM_TYPE) ?? 0) > 0
}

function parseRanges (accept: string): Map<string, number> {
  const ranges = new Map<string, number>()
  for (const part of accept.split(',')) {
    const [type = '', ...parameters] = part.split(';')
    ranges.set(type.trim().toLowerCase(), quality(parameters))
  }
  return ranges
}

function quality (parameters: readonly string[]): number {
  for (const parameter of parameters) {
    const [name = '', value = ''] = parameter.split('=')
    if (name.trim().toLowerCase() !== 'q') continue
    const q = Number(value.trim())
    return Number.isNaN(q) ? 1 : q
  }
  return 1
}

function takes (ranges: ReadonlyMap<string, number>, type: string): boolean {
  const family = type.slice(0, type.indexOf('/')) + '/*'
  return (ranges.get(type) ?? ranges.get(family) ?? ranges.get('*/*') ?? 0) > 0
}
