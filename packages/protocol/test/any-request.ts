/** Requests of any shape, as the ladder sees them, and what every verdict has to be. */
import fc from 'fast-check'
import { allowedMethods, climb, eraOf, REVISIONS, type HeaderFields, type LadderPolicy, type Verdict } from '../src/index.ts'
import { CAPABILITIES_KEY, CLIENT_KEY, VERSION_KEY } from './helper.ts'

/** Values near what the rungs look for, and anything else. */
const version = fc.oneof(fc.constantFrom(...REVISIONS, 'v999', '1999-01-01', '', '2027-01-01'), fc.string({ unit: 'grapheme' }))
const method = fc.oneof(
  fc.constantFrom('initialize', 'ping', 'tools/list', 'tools/call', 'prompts/get', 'resources/read', 'subscriptions/listen', 'server/discover',
    'notifications/initialized', 'notifications/cancelled', 'logging/setLevel'),
  fc.string({ unit: 'grapheme' }))
const json = fc.jsonValue({ maxDepth: 2, noUnicodeString: false })
const oddObject = fc.constantFrom({ toString: 1 }, { toJSON: 1 }, { __proto__: null, valueOf: 1 })
const anything = fc.oneof(fc.constantFrom(null, 5, '', [], {}), json, oddObject, fc.constant('long'.repeat(1500)))

const meta = fc.record({
  [VERSION_KEY]: fc.oneof({ weight: 4, arbitrary: version }, anything),
  [CAPABILITIES_KEY]: fc.oneof({ weight: 4, arbitrary: fc.constant({}) }, anything),
  [CLIENT_KEY]: anything
}, { requiredKeys: [] })

const params = fc.record({
  _meta: fc.oneof({ weight: 4, arbitrary: meta }, anything),
  name: fc.oneof(fc.string(), anything),
  uri: fc.oneof(fc.string(), anything),
  protocolVersion: fc.oneof(version, anything)
}, { requiredKeys: [] })

const message = fc.record({
  jsonrpc: fc.oneof({ weight: 9, arbitrary: fc.constant('2.0') }, anything),
  id: fc.oneof(fc.integer(), fc.string(), anything),
  method: fc.oneof({ weight: 9, arbitrary: method }, anything),
  params: fc.oneof({ weight: 9, arbitrary: params }, anything),
  result: anything,
  error: fc.oneof(fc.record({ code: fc.integer(), message: fc.string() }), anything)
}, { requiredKeys: ['jsonrpc'] })

/** As it would have been read from a body. */
export const body = fc.oneof(
  { weight: 6, arbitrary: message }, { weight: 2, arbitrary: fc.array(message, { maxLength: 5 }) }, anything, fc.constant(undefined))

const printable = fc.string({ unit: 'binary-ascii' })
export const headers = fc.record({
  'content-type': fc.oneof({ weight: 9, arbitrary: fc.constant('application/json') }, printable),
  'content-encoding': fc.oneof({ weight: 9, arbitrary: fc.constant('identity') }, printable),
  accept: fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom('*/*', 'application/json', 'text/event-stream', 'application/json, text/event-stream') }, printable),
  'mcp-protocol-version': fc.oneof(version, fc.array(version)),
  'mcp-method': fc.oneof(method, fc.array(method)),
  'mcp-name': fc.oneof(fc.string(), fc.constant('=?base64?/w==?=')),
  'mcp-session-id': fc.string(),
  'last-event-id': fc.string()
}, { requiredKeys: ['content-type'] })

export const policy = fc.record({
  revisions: fc.uniqueArray(fc.constantFrom(...REVISIONS), { minLength: 1 }),
  sessions: fc.boolean(),
  strictAccept: fc.boolean(),
  maxBatch: fc.integer({ min: 1, max: 4 })
})

export const httpMethod = fc.oneof({ weight: 20, arbitrary: fc.constant('POST') }, fc.constantFrom('GET', 'DELETE', 'PUT', 'HEAD'), printable)

/** @throws when a verdict says something no request may be told */
export function check (verdict: Verdict, policy: LadderPolicy): void {
  switch (verdict.kind) {
    case 'refused': {
      const { status, message, code, rung, allow } = verdict
      if (status < 400 || status > 499) throw new Error(`status ${status}`)
      if (!/^[\x20-\x7e]{10,1000}$/.test(message)) throw new Error(`message ${JSON.stringify(message)}`)
      if (![-32600, -32601, -32602, -32020, -32022].includes(code)) throw new Error(`code ${code}`)
      if (rung === '') throw new Error('no rung')
      if ((status === 405) !== (allow !== undefined)) throw new Error(`Allow ${allow} with ${status}`)
      return
    }
    case 'modern':
      if (eraOf(verdict.revision) !== 'modern' || !policy.revisions.includes(verdict.revision)) throw new Error(verdict.revision)
      return
    case 'legacy':
      if (!policy.revisions.some(revision => eraOf(revision) === 'legacy')) throw new Error('nothing legacy is served')
      return
    case 'dropped':
      if ('id' in verdict.message) throw new Error('a request was dropped')
      return
    case 'get':
    case 'delete':
      if (!allowedMethods(policy).includes(verdict.kind.toUpperCase())) throw new Error(`${verdict.kind} is not served`)
  }
}

/** A verdict over anything, checked. */
export function judged (method: string, headers: HeaderFields, body: unknown, policy: LadderPolicy): Verdict {
  const rawHeaders = Object.entries(headers).flatMap(([name, value]) => [value].flat().flatMap(value => [name, String(value ?? '')]))
  const verdict = climb(method, headers, rawHeaders, body, policy)
  check(verdict, policy)
  return verdict
}
