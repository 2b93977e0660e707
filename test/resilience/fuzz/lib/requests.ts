/** HTTP requests around messages, and what several clients send at once. Symbols stand for what only exists at run time. */
import fc from 'fast-check'
import { parseJsonBody } from '../../../../packages/streamable-core/src/json-body.ts'
import { BYTES, FIELDS, HOP_FIELDS, PACKETS, TEXTS } from './hostile.ts'
import { legacyMessage, modernMessage } from './messages.ts'
import { BODY_LIMIT, JSON_DEPTH, VARIANTS, type Variant } from './policies.ts'

export type Field = readonly [name: string, value: string]
export type Caller = 'alice' | 'bob' | 'nobody'

export interface FuzzRequest {
  readonly method: string
  readonly path: string
  /** Which of the sessions that are held open; beyond those: one nobody knows. */
  readonly session: number | null
  readonly caller: Caller
  readonly fields: readonly Field[]
  /** Text with marks, or bytes in hexadecimal. */
  readonly body: { readonly text: string } | { readonly hex: string } | null
  /** Sizes of the chunks it is sent in; `null`: with its length. */
  readonly chunks: readonly number[] | null
  /** Whether it says nothing about the connection. */
  readonly tame: boolean
}

/** What one client sends: requests without waiting for replies, then perhaps a packet that is none, and FIN. */
export interface Lane {
  readonly variant: Variant
  readonly requests: readonly FuzzRequest[]
  /** Where the bytes are split, as shares of the whole. */
  readonly cuts: readonly number[]
  readonly packet: string | null
  /** Whether the packet follows at once, while the requests are not answered yet. */
  readonly hasty: boolean
}

/** Sessions held open of each variant that has any; the lanes name them by number. */
export const HELD_SESSIONS = 4

const JSON_FIELDS: readonly Field[] = [['Content-Type', 'application/json'], ['Accept', 'application/json, text/event-stream']]

const session = fc.oneof(
  { weight: 8, arbitrary: fc.nat(HELD_SESSIONS - 1) },
  { weight: 1, arbitrary: fc.constantFrom(null, HELD_SESSIONS) })
const caller = fc.oneof({ weight: 8, arbitrary: fc.constantFrom<Caller>('alice', 'bob') }, { weight: 1, arbitrary: fc.constant<Caller>('nobody') })
const chunks = fc.oneof(
  { weight: 5, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 4 }) })
const rare = fc.oneof(
  { weight: 6, arbitrary: fc.constant<readonly Field[]>([]) },
  { weight: 2, arbitrary: fc.array(fc.constantFrom(...FIELDS), { minLength: 1, maxLength: 3 }) })
const version = fc.constantFrom<readonly Field[]>([], [], [['MCP-Protocol-Version', '2025-11-25']], [['MCP-Protocol-Version', '2025-03-26']])
const PATHS = ['/mcp/', '/mcp?a=@@', '/mcp?access_token=x', '/', '/mcp/x', '/%6dcp']
const path = fc.oneof({ weight: 30, arbitrary: fc.constant('/mcp') }, { weight: 1, arbitrary: fc.constantFrom(...PATHS) })

interface Spoil { readonly at: number, readonly insert: string | null }

const share = fc.double({ min: 0, max: 1, noNaN: true })
const INSERTS = ['', '\0', '\ufeff', '}', '[', '"', '\\', ',', '\ud800', '"__proto__":1,', null]

/** JSON as it is, or broken in one place. */
const spoilt = fc.oneof(
  { weight: 14, arbitrary: fc.constant<Spoil>({ at: 0, insert: null }) },
  { weight: 1, arbitrary: fc.record<Spoil>({ at: share, insert: fc.constantFrom(...INSERTS) }) })

/** `insert` goes in at a share of the text; an empty one cuts it there. */
function spoil (text: string, { at, insert }: Spoil): string {
  if (insert === null) return text
  const index = Math.floor(at * text.length)
  return text.slice(0, index) + insert + (insert === '' ? '' : text.slice(index))
}

/** A POST to the endpoint that does everything right, for others to change. */
const POST = { method: 'POST', path: '/mcp', tame: true, chunks: null, fields: JSON_FIELDS } as const

const legacyPost = fc.tuple(legacyMessage, spoilt, session, caller, rare, version, chunks, path).map(
  ([message, spoilt, session, caller, rare, version, chunks, path]): FuzzRequest => ({
    ...POST,
    path,
    caller,
    chunks,
    session: message.method === 'initialize' && typeof session === 'number' && session % 2 === 0 ? null : session,
    fields: merge([...JSON_FIELDS, ...version], rare),
    body: { text: spoil(JSON.stringify(message), spoilt) }
  }))

const batchPost = fc.tuple(fc.array(legacyMessage, { maxLength: 6 }), session, caller, chunks).map(
  ([messages, session, caller, chunks]): FuzzRequest => ({ ...POST, session, caller, chunks, body: { text: JSON.stringify(messages) } }))

const modernPost = fc.tuple(modernMessage, spoilt, fc.constantFrom(null, null, null, 0, HELD_SESSIONS), caller, rare, chunks).map(
  ([{ message, mirrored }, spoilt, session, caller, rare, chunks]): FuzzRequest => ({
    ...POST,
    session,
    caller,
    chunks,
    fields: merge([...JSON_FIELDS, ...mirrored], rare),
    body: { text: spoil(JSON.stringify(message), spoilt) }
  }))

const corpus = fc.oneof(fc.constantFrom(...TEXTS).map(text => ({ text })), fc.constantFrom(...BYTES).map(hex => ({ hex })))
const corpusPost = fc.tuple(corpus, session, caller, chunks, version).map(
  ([body, session, caller, chunks, version]): FuzzRequest =>
    ({ ...POST, session, caller, chunks, fields: [...JSON_FIELDS, ...version], body }))

const bytesPost = fc.tuple(fc.uint8Array({ maxLength: 64 }), session, caller).map(
  ([bytes, session, caller]): FuzzRequest => ({ ...POST, session, caller, body: { hex: Buffer.from(bytes).toString('hex') } }))

const METHODS = ['GET', 'GET', 'DELETE', 'HEAD', 'PUT', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND', 'SEARCH']
const other = fc.tuple(fc.constantFrom(...METHODS), session, caller, rare, path, fc.boolean()).map(
  ([method, session, caller, rare, path, withBody]): FuzzRequest => ({
    ...POST, method, path, caller, session, fields: merge(JSON_FIELDS, rare), body: withBody ? { text: '{"@@":1}' } : null
  }))

const hop = fc.tuple(legacyPost, fc.constantFrom(...HOP_FIELDS)).map(
  ([request, field]): FuzzRequest => ({ ...request, tame: false, fields: [...request.fields, field] }))

/** Messages of HTTP+SSE; their answers come on the stream. */
const sseBody = fc.oneof({ weight: 9, arbitrary: legacyMessage.map(message => JSON.stringify(message)) }, fc.constantFrom(...TEXTS))
const sseMessage = fc.tuple(sseBody, session, caller, chunks).map(
  ([text, session, caller, chunks]): FuzzRequest => ({ ...POST, path: '/messages', session, caller, chunks, body: { text } }))

const request = fc.oneof(
  { weight: 30, arbitrary: legacyPost }, { weight: 20, arbitrary: modernPost }, { weight: 6, arbitrary: corpusPost },
  { weight: 5, arbitrary: sseMessage },
  { weight: 4, arbitrary: batchPost }, { weight: 3, arbitrary: other }, { weight: 2, arbitrary: bytesPost }, { weight: 1, arbitrary: hop })

export const lane: fc.Arbitrary<Lane> = fc.record({
  variant: fc.constantFrom<Variant>(...VARIANTS, 'open', 'open', 'guarded'),
  requests: fc.array(request, { minLength: 1, maxLength: 24, size: 'max' }),
  cuts: fc.oneof({ weight: 3, arbitrary: fc.constant<number[]>([]) }, { weight: 1, arbitrary: fc.array(share, { maxLength: 6 }) }),
  packet: fc.oneof({ weight: 12, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.constantFrom(...PACKETS) }),
  hasty: fc.boolean()
}).map(lane => ({ ...lane, requests: closingLast(lane.requests) }))

/** Without the bias of fast-check for small values: what is small is tried when a failure is shrunk. */
export const lanes = fc.noBias(fc.array(lane, { minLength: 1, maxLength: 8, size: 'max' }))

/** After a body that cannot be read Fastify closes the connection: such a request comes last, so that the others are answered, too. */
function closingLast (requests: readonly FuzzRequest[]): readonly FuzzRequest[] {
  return [...requests.filter(request => isReadable(request)), ...requests.filter(request => !isReadable(request)).slice(0, 1)]
}

function isReadable ({ body }: FuzzRequest): boolean {
  if (body === null) return true
  const bytes = 'hex' in body ? Buffer.from(body.hex, 'hex') : Buffer.from(body.text)
  try {
    parseJsonBody(bytes, JSON_DEPTH)
    return bytes.length < BODY_LIMIT
  } catch {
    return false
  }
}

/** Later fields replace earlier ones of their name half of the time, by chance of their length; else both are sent. */
function merge (fields: readonly Field[], rare: readonly Field[]): readonly Field[] {
  const replaced = new Set(rare.filter(([, value]) => value.length % 4 !== 3).map(([name]) => name.toLowerCase()))
  return [...fields.filter(([name]) => !replaced.has(name.toLowerCase())), ...rare]
}
