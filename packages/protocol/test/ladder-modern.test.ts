import t from 'tap'
import { encodeFieldValue, type LadderPolicy } from '../src/index.ts'
import {
  CAPABILITIES_KEY, CLIENT_KEY, DUAL, envelope, enveloped, mirrored, MODERN_ONLY, notification, outline, post, POST_FIELDS, raw, request,
  VERSION_KEY, type Fields
} from './helper.ts'

/** A verdict kind, or `status/code` of a refusal, with `#id` where one is echoed. */
type Row = readonly [name: string, body: unknown, fields: Fields, expected: string]

const LIST = enveloped('tools/list')
const without = (key: string): object => enveloped('tools/list', {}, envelope({ [key]: undefined }))
const call = (name: unknown): object => enveloped('tools/call', { name })
const said = (method: string, meta: object = envelope()): object => notification(method, { _meta: meta })
const CALL = mirrored('tools/call')

const envelopes: readonly Row[] = [
  ['B-11 E-2: no clientCapabilities', without(CAPABILITIES_KEY), mirrored('tools/list'), '400/-32602#7'],
  ['B-11: a version that is no string', enveloped('tools/list', {}, envelope({ [VERSION_KEY]: 5 })), mirrored('tools/list'), '400/-32602#7'],
  ['B-11: capabilities that are no object', enveloped('tools/list', {}, envelope({ [CAPABILITIES_KEY]: [] })),
    mirrored('tools/list'), '400/-32602#7'],
  ['B-11: client info that is no object', enveloped('tools/list', {}, envelope({ [CLIENT_KEY]: 'me' })),
    mirrored('tools/list'), '400/-32602#7'],
  ['B-11: stands before the headers', without(CAPABILITIES_KEY), mirrored('other', undefined, 'v999'), '400/-32602#7'],
  ['B-12 E-2: a modern header and no claim', request('tools/list'), mirrored('tools/list'), '400/-32602#7'],
  ['B-12: v999 is a modern header too', request('tools/list'), { 'mcp-protocol-version': 'v999' }, '400/-32602#7'],
  ['B-12: _meta without claim', request('tools/list', { _meta: {} }), mirrored('tools/list'), '400/-32602#7'],
  ['B-12: _meta that is no object', request('tools/list', { _meta: 'x' }), mirrored('tools/list'), '400/-32602#7'],
  ['E-1: client info is welcome', enveloped('tools/list', {}, envelope({ [CLIENT_KEY]: { name: 'me' } })), mirrored('tools/list'), 'modern'],
  ['E-12: unknown keys of _meta are ignored', enveloped('tools/list', {}, envelope({ 'com.example/x': 1 })), mirrored('tools/list'), 'modern']
]

const versions: readonly Row[] = [
  ['B-13: the header says otherwise', LIST, mirrored('tools/list', undefined, '2025-11-25'), '400/-32020#7'],
  ['B-13: even where the claim is unknown', enveloped('tools/list', {}, envelope({ [VERSION_KEY]: 'v999' })), mirrored('tools/list'), '400/-32020#7'],
  ['B-13: case matters', enveloped('tools/list', {}, envelope({ [VERSION_KEY]: 'V999' })),
    mirrored('tools/list', undefined, 'v999'), '400/-32020#7'],
  ['B-14: unknown in header and claim', enveloped('tools/list', {}, envelope({ [VERSION_KEY]: 'v999' })),
    mirrored('tools/list', undefined, 'v999'), '400/-32022#7'],
  ['B-14: a legacy version is not served per request', enveloped('tools/list', {}, envelope({ [VERSION_KEY]: '2025-11-25' })),
    mirrored('tools/list', undefined, '2025-11-25'), '400/-32022#7'],
  ['B-14: stands before a missing header', enveloped('tools/list', {}, envelope({ [VERSION_KEY]: 'v999' })), {}, '400/-32022#7'],
  ['B-15: no version header', LIST, { 'mcp-method': 'tools/list' }, '400/-32020#7'],
  ['B-15: no header at all', LIST, {}, '400/-32020#7'],
  ['E-9: discover is validated like any other: unknown version', enveloped('server/discover', {}, envelope({ [VERSION_KEY]: 'v999' })),
    mirrored('server/discover', undefined, 'v999'), '400/-32022#7'],
  ['E-9: discover without Mcp-Method', enveloped('server/discover'), { 'mcp-protocol-version': '2026-07-28' }, '400/-32020#7'],
  ['E-9: discover without capabilities', enveloped('server/discover', {}, envelope({ [CAPABILITIES_KEY]: 1 })),
    mirrored('server/discover'), '400/-32602#7'],
  ['E-9: discover in order', enveloped('server/discover'), mirrored('server/discover'), 'modern']
]

const headers: readonly Row[] = [
  ['B-16: no Mcp-Method', LIST, { 'mcp-protocol-version': '2026-07-28' }, '400/-32020#7'],
  ['B-16: another method', LIST, mirrored('tools/call'), '400/-32020#7'],
  ['B-16 E-14: values are case-sensitive', LIST, mirrored('Tools/List'), '400/-32020#7'],
  ['B-16: stands before the question whether the method exists', enveloped('ping'), mirrored('pong'), '400/-32020#7'],
  ['B-16: Mcp-Method is never encoded', LIST, mirrored('=?base64?dG9vbHMvbGlzdA==?='), '400/-32020#7'],
  ['E-14: white space around a value is not part of it', call('add'), {
    'mcp-protocol-version': ' 2026-07-28', 'mcp-method': '\ttools/call\t', 'mcp-name': '  add  '
  }, 'modern'],
  ['B-17: no Mcp-Name', call('add'), CALL, '400/-32020#7'],
  ['B-17: another name', call('add'), { ...CALL, 'mcp-name': 'sub' }, '400/-32020#7'],
  ['B-17 E-14: another case', call('add'), { ...CALL, 'mcp-name': 'Add' }, '400/-32020#7'],
  ['B-17 E-16: an undecodable name', call('add'), { ...CALL, 'mcp-name': '=?base64?!!!?=' }, '400/-32020#7'],
  ['B-17 E-16: decoded before it is compared', call('Hello, 世界'), { ...CALL, 'mcp-name': '=?base64?SGVsbG8sIOS4lueVjA==?=' }, 'modern'],
  ['B-17 E-18: an empty header for an empty name', call(''), { ...CALL, 'mcp-name': '' }, 'modern'],
  ['B-17 E-18: or an empty sentinel', call(''), { ...CALL, 'mcp-name': '=?base64??=' }, 'modern'],
  ['B-17: prompts/get has a name', enveloped('prompts/get', { name: 'p' }), mirrored('prompts/get'), '400/-32020#7'],
  ['B-17: prompts/get in order', enveloped('prompts/get', { name: 'p' }), mirrored('prompts/get', 'p'), 'modern'],
  ['B-17: resources/read mirrors the URI', enveloped('resources/read', { uri: 'a:b' }), mirrored('resources/read', 'a:c'), '400/-32020#7'],
  ['B-17: resources/read in order', enveloped('resources/read', { uri: 'a:b' }), mirrored('resources/read', 'a:b'), 'modern'],
  ['B-17: a body without a name is for the application to refuse', call(undefined), CALL, 'modern'],
  ['B-17: so is a name that is no string', call(5), { ...CALL, 'mcp-name': '5' }, 'modern'],
  ['E-13: other methods mirror no name', LIST, mirrored('tools/list', 'whatever'), 'modern']
]

const methods: readonly Row[] = [
  ['B-10 B-19: initialize with a valid envelope', enveloped('initialize'), mirrored('initialize'), '404/-32601#7'],
  ['B-19 A-43: ping', enveloped('ping'), mirrored('ping'), '404/-32601#7'],
  ['B-19 E-27 E-28: logging/setLevel', enveloped('logging/setLevel'), mirrored('logging/setLevel'), '404/-32601#7'],
  ['B-19: resources/subscribe', enveloped('resources/subscribe'), mirrored('resources/subscribe'), '404/-32601#7'],
  ['B-19: resources/unsubscribe', enveloped('resources/unsubscribe'), mirrored('resources/unsubscribe'), '404/-32601#7'],
  ['B-19: whether a method exists otherwise is known to the application', enveloped('x/y'), mirrored('x/y'), 'modern'],
  ['B-5: a listen that takes no stream', enveloped('subscriptions/listen'), { ...mirrored('subscriptions/listen'), accept: 'application/json' },
    '406/-32600#7'],
  ['B-5: a listen that does', enveloped('subscriptions/listen'), mirrored('subscriptions/listen'), 'modern'],
  ['B-28: session id and Last-Event-ID mean nothing', LIST, { ...mirrored('tools/list'), 'mcp-session-id': 'stale', 'last-event-id': 'x' }, 'modern']
]

const notifications: readonly Row[] = [
  ['B-25 A-35: accepted and dropped', said('notifications/x'), mirrored('notifications/x'), 'dropped'],
  ['B-25: without headers', said('notifications/x'), {}, 'dropped'],
  ['B-25: without capabilities', said('notifications/x', { [VERSION_KEY]: '2026-07-28' }), {}, 'dropped'],
  ['B-25: another version in the header', said('notifications/x'), { 'mcp-protocol-version': '2025-11-25' }, '400/-32020'],
  ['B-25: another method in the header', said('notifications/x'), mirrored('notifications/y'), '400/-32020'],
  ['B-25: an unsupported version', said('notifications/x', envelope({ [VERSION_KEY]: 'v999' })), {}, '400/-32022'],
  ['B-25: a version that is no string', said('notifications/x', envelope({ [VERSION_KEY]: null })), {}, '400/-32602'],
  ['B-25: a modern header alone', notification('notifications/x'), mirrored('notifications/x'), 'dropped'],
  ['B-26: a cancellation cancels nothing', said('notifications/cancelled'), mirrored('notifications/cancelled'), 'dropped']
]

for (const [rung, rows] of Object.entries({ envelopes, versions, headers, methods, notifications })) {
  t.test(`the ladder, modern: ${rung}`, async t => {
    for (const [name, body, fields, expected] of rows) {
      const shown = ({ kind, status, code, id }: Record<string, unknown>): unknown =>
        kind ?? `${status}/${code}${id === undefined ? '' : `#${id}`}`
      t.equal(shown(outline(post(body, fields))), expected, name)
      t.equal(shown(outline(post(body, fields, MODERN_ONLY))), expected, `${name} (modern only)`)
    }
  })
}

t.test('a modern request is handed on with its revision', async t => {
  t.strictSame(post(LIST, mirrored('tools/list')), { kind: 'modern', message: LIST, revision: '2026-07-28' })
})

t.test('B-11: the refusal names the faulty keys', async t => {
  const message = enveloped('tools/list', {}, { [VERSION_KEY]: 1, [CLIENT_KEY]: 1 })
  t.match(post(message), {
    message: `Invalid params._meta: ${VERSION_KEY} must be a string; ${CAPABILITIES_KEY} is missing; ${CLIENT_KEY} must be an object`
  })
  t.match(post(request('tools/list'), mirrored('tools/list')), { message: new RegExp(`${VERSION_KEY} and ${CAPABILITIES_KEY}`) })
})

t.test('B-10: the refusal of initialize names the supported versions', async t => {
  t.match(post(enveloped('initialize'), mirrored('initialize')), { message: /2025-03-26, 2025-06-18, 2025-11-25, 2026-07-28/ })
})

t.test('B-14 B-29: supported names what the envelope reaches, requested what was claimed', async t => {
  const claimed = enveloped('tools/list', {}, envelope({ [VERSION_KEY]: '2027-01-01' }))
  t.match(post(claimed, mirrored('tools/list', undefined, '2027-01-01')), { data: { supported: ['2026-07-28'], requested: '2027-01-01' } })
})

t.test('B-18 E-22: a routing header sent twice', async t => {
  const twice = (body: object, fields: Fields, name: string, first: string, second: string, policy: LadderPolicy = DUAL) => {
    const joined = { ...POST_FIELDS, ...fields, [name]: `${first}, ${second}` }
    const rest = raw({ ...joined, [name]: undefined })
    return outline(post(body, joined, policy, [...rest, name.toUpperCase(), first, name, second]))
  }
  const refused = { status: 400, code: -32020, id: 7 }
  t.strictSame(twice(LIST, mirrored('tools/list'), 'mcp-protocol-version', '2026-07-28', '2026-07-28'), refused)
  t.strictSame(twice(LIST, mirrored('tools/list'), 'mcp-method', 'tools/list', 'tools/list'), refused)
  t.strictSame(twice(call('a, b'), CALL, 'mcp-name', 'a', 'b'), refused)
  t.strictSame(twice(LIST, mirrored('tools/list'), 'mcp-name', 'a', 'b'), refused)
  t.strictSame(outline(post(call('a, b'), { ...CALL, 'mcp-name': 'a, b' })), { kind: 'modern' }, 'a comma alone is fine')
})

t.test('B-17 E-15 E-16: every name arrives in the form the encoder gives it', async t => {
  for (const name of ['add', ' padded ', 'a\tb', 'line1\nline2', 'ü', '', '=?base64?x?=', '😀', 'a,b', 'DEL\x7f']) {
    t.strictSame(outline(post(call(name), { ...CALL, 'mcp-name': encodeFieldValue(name) })), { kind: 'modern' }, JSON.stringify(name))
  }
})

t.test('H-24: refusals repeat little of what was sent, and that in printable ASCII', async t => {
  const verdict = post(LIST, mirrored('ü\u001b[31m' + 'x'.repeat(5000)))
  t.match(verdict.kind === 'refused' ? verdict.message : 'not refused', /^Mcp-Method "\?[\x20-\x7e]{1,200}$/)
})

t.test('B-30: the era is decided for each request alone', async t => {
  const legacy = request('tools/list')
  for (let round = 0; round < 3; round++) {
    t.equal(post(LIST, { ...mirrored('tools/list'), 'mcp-session-id': 's' }).kind, 'modern')
    t.equal(post(legacy, { 'mcp-session-id': 's' }).kind, 'legacy')
  }
})
