import t from 'tap'
import { allowedMethods, climb, climbHead, quote, type LadderPolicy } from '../src/index.ts'
import { DUAL, LEGACY_ONLY, MODERN_ONLY, outline, POST_FIELDS, SESSIONLESS, STRICT, type Fields } from './helper.ts'

const ALL = 'GET, POST, DELETE'
const STREAM = { accept: 'text/event-stream' }
const MODERN = { ...STREAM, 'mcp-protocol-version': '2026-07-28' }

type MethodRow = readonly [name: string, method: string, fields: Fields, policy: LadderPolicy, kind: string | number, allow?: string]

const methods: readonly MethodRow[] = [
  ['B-2 A-28: PUT', 'PUT', {}, DUAL, 405, ALL],
  ['B-2 A-28: PATCH', 'PATCH', {}, DUAL, 405, ALL],
  ['B-2 A-28: HEAD', 'HEAD', STREAM, DUAL, 405, ALL],
  ['B-2 A-28: TRACE on a modern-only endpoint', 'TRACE', {}, MODERN_ONLY, 405, 'POST'],
  ['B-2: a method in lower case is another method', 'post', POST_FIELDS, DUAL, 405, ALL],
  ['B-4: GET goes to the sessions', 'GET', STREAM, DUAL, 'get'],
  ['B-4: DELETE goes to the sessions', 'DELETE', {}, DUAL, 'delete'],
  ['B-4: GET naming a served legacy version', 'GET', { ...STREAM, 'mcp-protocol-version': '2025-06-18' }, DUAL, 'get'],
  ['B-4 A-26: GET on a modern-only endpoint', 'GET', STREAM, MODERN_ONLY, 405, 'POST'],
  ['B-4 A-26: DELETE on a modern-only endpoint', 'DELETE', {}, MODERN_ONLY, 405, 'POST'],
  ['B-4 A-26: GET without sessions', 'GET', STREAM, SESSIONLESS, 405, 'POST'],
  ['B-4: GET with a modern header', 'GET', MODERN, DUAL, 405, 'POST'],
  ['B-4: DELETE with a modern header', 'DELETE', { 'mcp-protocol-version': 'v999' }, DUAL, 405, 'POST'],
  ['A-54: GET with a modern header on a legacy-only endpoint', 'GET', MODERN, LEGACY_ONLY, 400],
  ['A-54: GET with an unknown version', 'GET', { ...STREAM, 'mcp-protocol-version': '1999-01-01' }, DUAL, 400],
  ['A-54: DELETE with an unknown version', 'DELETE', { 'mcp-protocol-version': '0' }, DUAL, 400],
  ['A-30: GET that takes no stream', 'GET', { accept: 'application/json' }, DUAL, 406],
  ['A-30: GET that takes anything', 'GET', { accept: '*/*' }, DUAL, 'get'],
  ['A-30: GET without Accept', 'GET', {}, DUAL, 'get']
]

t.test('method and era of the head', async t => {
  for (const [name, method, fields, policy, expected, allow] of methods) {
    const verdict = climb(method, fields, [], undefined, policy)
    if (verdict.kind !== 'refused') {
      t.equal(verdict.kind, expected, name)
      continue
    }
    t.equal(verdict.status, expected, name)
    t.equal(verdict.allow, allow, `${name}: Allow`)
    t.equal(verdict.code, -32600, `${name}: code`)
    t.equal(verdict.id, undefined, `${name}: nothing to echo`)
  }
})

t.test('A-26 A-28: Allow names what is served', async t => {
  t.equal(allowedMethods(DUAL), ALL)
  t.equal(allowedMethods(LEGACY_ONLY), ALL)
  t.equal(allowedMethods(MODERN_ONLY), 'POST')
  t.equal(allowedMethods(SESSIONLESS), 'POST')
})

type PostRow = readonly [name: string, fields: Fields, policy: LadderPolicy, expected: number | string]

/** `json`, `stream` or `both` for what the reply may be. */
const posts: readonly PostRow[] = [
  ['B-5: all in order', {}, DUAL, 'both'],
  ['A-31: parameters and case of the media type', { 'content-type': 'Application/JSON; charset=UTF-8' }, DUAL, 'both'],
  ['A-31: no media type', { 'content-type': undefined }, DUAL, 415],
  ['A-31: an empty media type', { 'content-type': '' }, DUAL, 415],
  ['A-31: another media type', { 'content-type': 'text/plain' }, DUAL, 415],
  ['A-31: the right words in the wrong place', { 'content-type': 'text/plain; x=application/json' }, DUAL, 415],
  ['A-31: a structured suffix is another type', { 'content-type': 'application/vnd.api+json' }, DUAL, 415],
  ['A-31: two media types', { 'content-type': 'application/json, text/plain' }, DUAL, 415],
  ['A-31: the same type twice', { 'content-type': 'application/json, application/json' }, DUAL, 415],
  ['A-33: gzip', { 'content-encoding': 'gzip' }, DUAL, 415],
  ['A-33: two codings', { 'content-encoding': 'identity, br' }, DUAL, 415],
  ['A-33: identity is no coding', { 'content-encoding': 'Identity' }, DUAL, 'both'],
  ['A-30: no Accept', { accept: undefined }, DUAL, 'both'],
  ['A-30: JSON alone', { accept: 'application/json' }, DUAL, 'json'],
  ['A-30: a stream alone', { accept: 'text/event-stream' }, DUAL, 'stream'],
  ['A-30: neither', { accept: 'text/html' }, DUAL, 406],
  ['A-30: both refused', { accept: '*/*;q=0' }, DUAL, 406],
  ['B-5: 415 stands before 406', { 'content-type': 'text/plain', accept: 'text/html' }, DUAL, 415],
  ['B-5: a content coding stands before 406', { 'content-encoding': 'gzip', accept: 'text/html' }, DUAL, 415],
  ['A-29: strict, both named', {}, STRICT, 'both'],
  ['A-29: strict, one named', { accept: 'application/json' }, STRICT, 406],
  ['A-29: strict, wildcard', { accept: '*/*' }, STRICT, 406],
  ['A-29: strict, absent', { accept: undefined }, STRICT, 406],
  ['A-29: strict, one refused', { accept: 'application/json, text/event-stream;q=0' }, STRICT, 406]
]

t.test('what a POST brings and takes', async t => {
  for (const [name, fields, policy, expected] of posts) {
    const verdict = climbHead('POST', { ...POST_FIELDS, ...fields }, policy)
    if (verdict.kind === 'refused') {
      t.strictSame(outline(verdict), { status: expected, code: -32600 }, name)
    } else if (verdict.kind === 'post') {
      const { json, stream } = verdict.acceptable
      t.equal(json && stream ? 'both' : json ? 'json' : stream ? 'stream' : 'neither', expected, name)
    } else {
      t.fail(name)
    }
  }
})

t.test('B-5: the head is judged before the body', async t => {
  t.match(climb('POST', { 'content-type': 'text/plain' }, [], 'no message at all', DUAL), { kind: 'refused', status: 415 })
})

t.test('H-24: quoted values are printable ASCII and short', async t => {
  t.equal(quote('2025-06-18'), '"2025-06-18"')
  t.equal(quote('a\r\nb\u001b[31mé'), '"a??b?[31m?"')
  t.equal(quote('x'.repeat(10_000)), `"${'x'.repeat(64)}..."`)
  t.equal(quote(undefined), 'nothing')
  t.equal(quote({ toString: 1 }), '"{"toString":1}"')
})
