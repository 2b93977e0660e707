import t from 'tap'
import { ASSUMED_REVISION, type LadderPolicy } from '../src/index.ts'
import {
  DUAL, enveloped, LEGACY_ONLY, MODERN_ONLY, notification, outline, post, request, SESSIONLESS, type Fields
} from './helper.ts'

/** A verdict kind, or `status/code` of a refusal, with `#id` where one is echoed. */
type Row = readonly [name: string, body: unknown, fields: Fields, policy: LadderPolicy, expected: string]

const SESSION = { 'mcp-session-id': 'abc' }
const MODERN = { 'mcp-protocol-version': '2026-07-28' }
const version = (named: string): Fields => ({ 'mcp-protocol-version': named })

const LIST = request('tools/list')
const INITIALIZE = request('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: {} })
const RESULT = { jsonrpc: '2.0', id: 7, result: {} }
const ERROR = { jsonrpc: '2.0', id: 7, error: { code: -32601, message: 'no' } }

const messages: readonly Row[] = [
  ['A-1: another jsonrpc version', { ...LIST, jsonrpc: '1.0' }, {}, DUAL, '400/-32600#7'],
  ['A-1: no jsonrpc version', { id: 7, method: 'tools/list' }, {}, DUAL, '400/-32600#7'],
  ['A-2: a null id', request('tools/list', {}, null), {}, DUAL, '400/-32600'],
  ['A-2: a float id', request('tools/list', {}, 1.5), {}, DUAL, '400/-32600'],
  ['A-2: a boolean id', request('tools/list', {}, true), {}, DUAL, '400/-32600'],
  ['A-2: an object as id', request('tools/list', {}, {}), {}, DUAL, '400/-32600'],
  ['A-2: an id beyond the safe integers', request('tools/list', {}, 2 ** 53), {}, DUAL, '400/-32600'],
  ['A-2: a huge id', request('tools/list', {}, 'x'.repeat(257)), {}, DUAL, '400/-32600'],
  ['A-2: a string id', request('tools/list', {}, 'a'), {}, DUAL, 'legacy'],
  ['A-2: an empty string is a string', request('tools/list', {}, ''), {}, DUAL, 'legacy'],
  ['A-2: 0 and negative integers are integers', request('tools/list', {}, -3), {}, DUAL, 'legacy'],
  ['A-40 B-8: a string', 'hello', {}, DUAL, '400/-32600'],
  ['A-40 B-8: null', null, {}, DUAL, '400/-32600'],
  ['A-40 B-8: nothing', undefined, {}, DUAL, '400/-32600'],
  ['A-40 B-8: an empty object', {}, {}, DUAL, '400/-32600'],
  ['A-40 A-7: a method that is no string, with its id', { jsonrpc: '2.0', id: 'q', method: 5 }, {}, DUAL, '400/-32600#q'],
  ['A-40: params that are a list', { ...LIST, params: [] }, {}, DUAL, '400/-32600#7'],
  ['A-40: request and response at once', { ...LIST, result: {} }, {}, DUAL, '400/-32600#7'],
  ['A-40 A-7: no id to read, none echoed', { jsonrpc: '2.0', id: [1], method: 'x' }, {}, DUAL, '400/-32600'],
  ['B-8: before the era is known', { jsonrpc: '2.0' }, MODERN, DUAL, '400/-32600']
]

const responses: readonly Row[] = [
  ['B-7: a result in a session', RESULT, SESSION, DUAL, 'legacy'],
  ['B-7: an error in a session', ERROR, SESSION, DUAL, 'legacy'],
  ['B-7 A-7: an error without id is a response', { jsonrpc: '2.0', error: ERROR.error }, SESSION, DUAL, 'legacy'],
  ['B-7 A-7: an error with a null id is one too', { jsonrpc: '2.0', id: null, error: ERROR.error }, SESSION, DUAL, 'legacy'],
  ['B-7: no session named', RESULT, {}, DUAL, '400/-32600'],
  ['B-7 A-36: with a modern header', RESULT, { ...SESSION, ...MODERN }, DUAL, '400/-32600'],
  ['B-7 A-36: on a modern-only endpoint', RESULT, SESSION, MODERN_ONLY, '400/-32600'],
  ['B-7: a result that is no object', { ...RESULT, result: 'x' }, SESSION, DUAL, '400/-32600#7'],
  ['B-7: an error whose code is no integer', { ...ERROR, error: { code: 'x', message: '' } }, SESSION, DUAL, '400/-32600#7'],
  ['A-54: a response with an unknown version', RESULT, { ...SESSION, ...version('1999-01-01') }, DUAL, '400/-32600']
]

const batches: readonly Row[] = [
  ['A-15 B-6: requests and notifications', [LIST, notification('notifications/x')], {}, DUAL, 'legacy'],
  ['A-15 B-6: responses', [RESULT, ERROR], SESSION, DUAL, 'legacy'],
  ['A-21: without sessions and without any version', [LIST], {}, SESSIONLESS, 'legacy'],
  ['A-16: initialize among others', [LIST, INITIALIZE], {}, DUAL, '400/-32600'],
  ['A-16: initialize alone in its list', [INITIALIZE], {}, DUAL, '400/-32600'],
  ['A-18 B-6: an empty list', [], {}, DUAL, '400/-32600'],
  ['A-22: one too many', Array.from({ length: 51 }, () => LIST), {}, DUAL, '400/-32600'],
  ['A-22: as many as allowed', Array.from({ length: 50 }, () => LIST), {}, DUAL, 'legacy'],
  ['B-6: an element that is no message', [LIST, 5], {}, DUAL, '400/-32600'],
  ['B-6: a list in the list', [[LIST]], {}, DUAL, '400/-32600'],
  ['B-6 A-20: an element with a claim', [LIST, enveloped('tools/list')], {}, DUAL, '400/-32600'],
  ['B-6 A-20: a claim that is not even a string', [enveloped('tools/list', {}, { 'io.modelcontextprotocol/protocolVersion': 1 })],
    {}, DUAL, '400/-32600'],
  ['B-6 A-20: with a modern header', [LIST], MODERN, DUAL, '400/-32600'],
  ['B-6 A-20: on a modern-only endpoint', [LIST], {}, MODERN_ONLY, '400/-32600'],
  ['A-54: with an unknown version', [LIST], version('1999-01-01'), DUAL, '400/-32600']
]

const legacy: readonly Row[] = [
  ['B-9: initialize opens a session', INITIALIZE, {}, DUAL, 'legacy'],
  ['B-9: initialize with a broken envelope and no header', enveloped('initialize', {}, { 'io.modelcontextprotocol/protocolVersion': 5 }),
    {}, DUAL, 'legacy'],
  ['B-9: initialize with a modern header', INITIALIZE, MODERN, DUAL, '400/-32020#7'],
  ['B-9: initialize with a broken envelope and a modern header',
    enveloped('initialize', {}, { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' }), MODERN, DUAL, '400/-32020#7'],
  ['A-54: initialize may name any legacy-looking version', INITIALIZE, version('1999-01-01'), DUAL, 'legacy'],
  ['B-23: no claim, no modern header', LIST, {}, DUAL, 'legacy'],
  ['B-23: with a served legacy header', LIST, version('2025-03-26'), DUAL, 'legacy'],
  ['B-23: a notification', notification('notifications/initialized'), {}, DUAL, 'legacy'],
  ['B-23: _meta that claims nothing', request('tools/list', { _meta: { progressToken: 1 } }), {}, DUAL, 'legacy'],
  ['B-27: neither header nor claim is taken for 2025-03-26', LIST, {}, SESSIONLESS, 'legacy'],
  ['A-54: 1999-01-01 is no version', LIST, version('1999-01-01'), DUAL, '400/-32600#7'],
  ['A-54: nor is an empty one', LIST, version(''), DUAL, '400/-32600#7'],
  ['A-54: 2024-11-05 is not served over Streamable HTTP here', LIST, version('2024-11-05'), DUAL, '400/-32600#7'],
  ['A-54: a notification with an unknown version', notification('notifications/x'), version('1'), DUAL, '400/-32600'],
  ['B-24: a modern-only endpoint and no header', LIST, {}, MODERN_ONLY, '400/-32020#7'],
  ['B-24: a modern-only endpoint and a legacy header', LIST, version('2025-06-18'), MODERN_ONLY, '400/-32600#7'],
  ['B-24: a modern-only endpoint and initialize', INITIALIZE, {}, MODERN_ONLY, '400/-32022#7'],
  ['B-25: a modern-only endpoint drops legacy notifications', notification('notifications/initialized'), {}, MODERN_ONLY, 'dropped'],
  ['B-31: server/discover on a legacy-only endpoint', enveloped('server/discover'), MODERN, LEGACY_ONLY, '400/-32022#7'],
  ['B-31: any enveloped request, without headers', enveloped('tools/list'), {}, LEGACY_ONLY, '400/-32022#7'],
  ['B-31: a modern header without envelope', LIST, MODERN, LEGACY_ONLY, '400/-32600#7']
]

for (const [rung, rows] of Object.entries({ messages, responses, batches, legacy })) {
  t.test(`the ladder: ${rung}`, async t => {
    for (const [name, body, fields, policy, expected] of rows) {
      const verdict = post(body, fields, policy)
      const { kind, status, code, id } = outline(verdict)
      t.equal(kind ?? `${status}/${code}${id === undefined ? '' : `#${id}`}`, expected, name)
    }
  })
}

t.test('A-19 A-53: what a legacy message names is handed to the session rules', async t => {
  t.strictSame(post([LIST], version('2025-06-18')), { kind: 'legacy', body: [LIST], named: '2025-06-18' })
  t.strictSame(post(LIST, SESSION), { kind: 'legacy', body: LIST, named: undefined })
  t.strictSame(post(INITIALIZE, version('2025-06-18')), { kind: 'legacy', body: INITIALIZE, named: undefined })
  t.equal(ASSUMED_REVISION, '2025-03-26')
})

t.test('A-54: the refusal lists the supported versions', async t => {
  t.match(post(LIST, version('1999-01-01')), { message: /"1999-01-01".*2025-03-26, 2025-06-18, 2025-11-25, 2026-07-28/ })
})

t.test('B-9: the refusal says what to do about the header', async t => {
  t.match(post(INITIALIZE, MODERN), { message: /"2026-07-28" has no initialize; send no such header/ })
})

t.test('B-24: initialize on a modern-only endpoint names the supported versions', async t => {
  t.match(post(INITIALIZE, {}, MODERN_ONLY), {
    message: /2026-07-28/, data: { supported: ['2026-07-28'], requested: '2025-11-25' }
  })
  for (const protocolVersion of [undefined, 5, { toString: 1 }]) {
    t.match(post(request('initialize', { protocolVersion }), {}, MODERN_ONLY), { data: { requested: 'none' } })
  }
})

t.test('B-31: a legacy-only endpoint names the versions it has', async t => {
  t.match(post(enveloped('server/discover'), MODERN, LEGACY_ONLY), {
    message: /2025-11-25/, data: { supported: LEGACY_ONLY.revisions, requested: '2026-07-28' }
  })
})
