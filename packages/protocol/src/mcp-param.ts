/**
 * Tool arguments mirrored into `Mcp-Param-*` headers, as `x-mcp-header` annotations of an input schema ask for.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http
 */
import * as Header from './header.ts'
import { decodeFieldValue, fieldValue, occurrences, type HeaderFields } from './headers.ts'
import { isObject } from './json-rpc.ts'

/** One annotated argument. */
export interface MirroredParam {
  /** Property names from the root of the arguments. */
  readonly path: readonly string[]
  /** Header field name, lower case, prefix included. */
  readonly header: string
  readonly type: 'string' | 'integer' | 'boolean'
}

export type ParamScan = { readonly params: readonly MirroredParam[] } | { readonly fault: string }

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const ANNOTATION = 'x-mcp-header'
const MAX_DEPTH = 64

/** Reads a tool's input schema. A single misplaced or malformed annotation spoils the tool (E-19). */
export function scanParams (schema: unknown): ParamScan {
  const params: MirroredParam[] = []
  const fault = scan(schema, [], true, params)
  return fault === undefined ? { params } : { fault }
}

/** Only chains of `properties` lead to an argument that is there for certain; an annotation elsewhere is a fault. */
function scan (node: unknown, path: readonly string[], reachable: boolean, found: MirroredParam[]): string | undefined {
  if (path.length > MAX_DEPTH) return `the schema is nested deeper than ${MAX_DEPTH} levels`
  if (Array.isArray(node)) return first([...node.entries()], ([index, element]) => scan(element, [...path, String(index)], false, found))
  if (!isObject(node)) return undefined
  if (ANNOTATION in node) {
    const fault = annotate(node[ANNOTATION], node.type, path, reachable, found)
    if (fault !== undefined) return fault
  }
  return first(Object.entries(node), ([key, value]) => {
    if (key === ANNOTATION || key === 'const' || key === 'enum' || key === 'default' || key === 'examples') return undefined
    if (key !== 'properties' || !isObject(value)) return scan(value, [...path, key], false, found)
    return first(Object.entries(value), ([name, property]) => scan(property, [...path, name], reachable, found))
  })
}

function annotate (
  name: unknown, type: unknown, path: readonly string[], reachable: boolean, found: MirroredParam[]
): string | undefined {
  const at = path.join('.')
  if (!reachable || path.length === 0) return `${ANNOTATION} at ${at} is not on a property reached through properties alone`
  if (typeof name !== 'string' || !TOKEN.test(name)) return `${ANNOTATION} at ${at} is not an RFC 9110 token`
  if (type !== 'string' && type !== 'integer' && type !== 'boolean') {
    return `${ANNOTATION} at ${at} is on type ${JSON.stringify(type)}; only string, integer and boolean can be mirrored`
  }
  const header = Header.ParamPrefix + name.toLowerCase()
  if (found.some(param => param.header === header)) return `${ANNOTATION} "${name}" at ${at} is used twice`
  found.push({ path, header, type })
  return undefined
}

/** Why headers and arguments disagree, or `undefined` when they agree (E-21, E-22). */
export function paramMismatch (
  params: readonly MirroredParam[], args: unknown, headers: HeaderFields, rawHeaders: readonly string[]
): string | undefined {
  return first(params, param => {
    const sent = fieldValue(headers[param.header])
    const value = valueAt(args, param.path)
    if (value === undefined || value === null) return sent === undefined ? undefined : `${param.header} was sent without its argument`
    if (sent === undefined) return `${param.header} is missing`
    if (sent.includes(',') && occurrences(rawHeaders, param.header) > 1) return `${param.header} was sent more than once`
    const text = decodeFieldValue(sent)
    if (text === null) return `${param.header} holds no valid base64 of UTF-8`
    return equals(param.type, value, text) ? undefined : `${param.header} differs from its argument in the body`
  })
}

const DECIMAL = /^-?\d+(?:\.0+)?$/

function equals (type: MirroredParam['type'], value: unknown, text: string): boolean {
  if (type === 'integer' && typeof value === 'number') return DECIMAL.test(text) && Number(text) === value
  // An object or array has no form a header could mirror; it is the body's fault, and no header makes up for it.
  return typeof value !== 'object' && String(value) === text
}

function valueAt (args: unknown, path: readonly string[]): unknown {
  let value = args
  for (const key of path) value = isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
  return value
}

function first<T> (items: readonly T[], fault: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = fault(item)
    if (found !== undefined) return found
  }
  return undefined
}
