/** A request body, once, from bytes to a JSON value. */
import { isObject } from '@mcp/protocol'
import type { FastifyInstance } from 'fastify'
import { isUtf8 } from 'node:buffer'
import { parse } from 'secure-json-parse'
import { readBody } from './body-reader.ts'
import { MCP_ENDPOINT_BODY_UNREADABLE } from './errors.ts'
import type { Limits } from './options.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const BYTE_ORDER_MARK = 0xfeff

/** The only media type the routes of a scope take; every other was turned away when its head was looked at, or its body means nothing. */
export function takeJson (scope: FastifyInstance, { bodyBytes, jsonDepth }: Pick<Limits, 'bodyBytes' | 'jsonDepth'>): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('application/json', (request, payload, done) => readBody(payload, request.raw, bodyBytes, (error, bytes) => {
    if (bytes === null) return done(error)
    // Nothing is asked of what comes with a DELETE; clients that name a type with every request send nothing of it.
    if (request.method !== 'POST') return done(null)
    let body: unknown
    try {
      body = parseJsonBody(bytes, jsonDepth)
    } catch (fault) {
      return done(fault as Error)
    }
    done(null, body)
  }))
  // A request that was relieved of its type, because its body means nothing: it is read to its end and thrown away.
  scope.addContentTypeParser('*', (request, payload, done) => readBody(payload, request.raw, bodyBytes, error => done(error)))
}

/**
 * @param maxDepth nesting of arrays and objects
 * @throws `MCP_ENDPOINT_BODY_UNREADABLE` for what is empty, no UTF-8, no JSON, nested too deep, or names `__proto__`
 */
export function parseJsonBody (bytes: Buffer, maxDepth: number): unknown {
  if (bytes.length === 0) throw new MCP_ENDPOINT_BODY_UNREADABLE('it is empty')
  const text = bytes.toString()
  // What is no UTF-8 was read as this character; only where it occurs the bytes need a second look.
  if (text.includes('\ufffd') && !isUtf8(bytes)) throw new MCP_ENDPOINT_BODY_UNREADABLE('it is not UTF-8')
  if (nestsDeeper(text, maxDepth)) throw new MCP_ENDPOINT_BODY_UNREADABLE(`it is nested deeper than ${maxDepth} levels`)
  try {
    return withoutNullParams(namesPrototype(text) ? parse(text) : JSON.parse(text) as unknown)
  } catch {
    // The parser's own words quote the body, which may hold secrets.
    throw new MCP_ENDPOINT_BODY_UNREADABLE('it is malformed, or names __proto__ or constructor.prototype')
  }
}

/** `params: null` is how some JSON libraries write no params. JSON-RPC has no such value, and what stands behind us takes none. */
function withoutNullParams (body: unknown): unknown {
  for (const message of Array.isArray(body) ? body as unknown[] : [body]) {
    if (isObject(message) && message.params === null) delete message.params
  }
  return body
}

/** Whether a key could name the prototype, plainly or escaped. Cheaper than the patterns of the full check. */
function namesPrototype (text: string): boolean {
  return text.includes('__proto__') || text.includes('constructor') || text.includes('\\u') || text.charCodeAt(0) === BYTE_ORDER_MARK
}

/** Counts brackets outside of strings; jumps over strings, which make up most of a large body. */
export function nestsDeeper (text: string, maxDepth: number): boolean {
  // A value nested n levels deep takes at least 2n characters.
  if (text.length <= 2 * maxDepth) return false
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case QUOTE:
        i = endOfString(text, i)
        break
      case 0x7b: // {
      case 0x5b: // [
        if (++depth > maxDepth) return true
        break
      case 0x7d: // }
      case 0x5d: // ]
        depth--
    }
  }
  return false
}

function endOfString (text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let escapes = 0
    while (text.charCodeAt(end - 1 - escapes) === BACKSLASH) escapes++
    if (escapes % 2 === 0) return end
  }
  return text.length
}
