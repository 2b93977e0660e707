/**
 * The trace context a client sends with a message (E-11): `traceparent`, `tracestate` and `baggage` in `params._meta`.
 *
 * @see https://modelcontextprotocol.io/community/seps/414-request-meta
 */
import type { JsonObject } from '@mcp/protocol'

/** What W3C Trace Context and Baggage allow, and how much of it is looked at. What is anything else counts as absent. */
const GRAMMAR: Readonly<Record<string, RegExp>> = {
  traceparent: /^(?!ff)[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}(?:-[\x21-\x7e]{1,64})?$/,
  tracestate: /^[\x20-\x7e\t]{1,512}$/,
  baggage: /^[\x20-\x7e\t]{1,8192}$/
}

/** Reads from `_meta` for a propagator: these keys alone, and strings of the right form alone. */
export const metaGetter = {
  keys: (meta: JsonObject): string[] => Object.keys(GRAMMAR).filter(key => metaGetter.get(meta, key) !== undefined),
  get (meta: JsonObject, key: string): string | undefined {
    const value = Object.hasOwn(GRAMMAR, key) ? meta[key] : undefined
    return typeof value === 'string' && GRAMMAR[key]?.test(value) === true ? value : undefined
  }
}
