import fc from 'fast-check'
import t from 'tap'
import { CORS_ALLOWED_HEADERS, CORS_EXPOSED_HEADERS, decodeFieldValue, encodeFieldValue, fieldValue, occurrences } from '../src/index.ts'

const VECTORS = [
  ['Hello, 世界', '=?base64?SGVsbG8sIOS4lueVjA==?='],
  [' padded ', '=?base64?IHBhZGRlZCA=?='],
  ['line1\nline2', '=?base64?bGluZTEKbGluZTI=?='],
  ['=?base64?literal?=', '=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?=']
] as const

t.test('E-17: the vectors of the specification', async t => {
  for (const [text, encoded] of VECTORS) {
    t.equal(encodeFieldValue(text), encoded, JSON.stringify(text))
    t.equal(decodeFieldValue(encoded), text, encoded)
  }
})

t.test('E-15: what fits a header is sent as it is', async t => {
  for (const text of ['add', 'a b', 'file:///x?y=1#z', 'a,b', '=?base64?', '?=', '=?BASE64?eA==?=', '42', '~']) {
    t.equal(encodeFieldValue(text), text)
  }
})

t.test('E-15: what does not is encoded', async t => {
  for (const text of ['é', '\ttab', 'a\tb', 'cr\r', 'nul\0', 'del\x7f', ' lead', 'trail ', '=?base64??=']) {
    t.match(encodeFieldValue(text), /^=\?base64\?[A-Za-z0-9+/]*={0,2}\?=$/, JSON.stringify(text))
  }
})

t.test('E-18: an empty value is sent as a sentinel and read in both forms', async t => {
  t.equal(encodeFieldValue(''), '=?base64??=')
  t.equal(decodeFieldValue('=?base64??='), '')
  t.equal(decodeFieldValue(''), '')
})

t.test('E-16: only the exact marker is a sentinel', async t => {
  for (const text of ['=?BASE64?eA==?=', '=?base64?eA==', 'base64?eA==?=', '=?base64?=', '=?base64?', 'x=?base64?eA==?=']) {
    t.equal(decodeFieldValue(text), text)
  }
})

t.test('E-16: bad alphabet, padding, bits or UTF-8 cannot be decoded', async t => {
  for (const inside of ['eA', 'eA=', 'eA===', 'e', 'eB==', 'eA==\n', 'e A=', '-_==', '=', '/w==', '7aCA', 'wIA=']) {
    t.equal(decodeFieldValue(`=?base64?${inside}?=`), null, inside)
  }
})

t.test('E-16: a byte order mark belongs to the value', async t => {
  t.equal(decodeFieldValue(encodeFieldValue('\ufeffx')), '\ufeffx')
})

t.test('E-15 E-16: every text survives the way through a header', async t => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), text => {
    const field = encodeFieldValue(text)
    return /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(field) && decodeFieldValue(field) === text
  }), { seed: 17 })
  t.pass('encoded and decoded')
})

t.test('E-14: a field value stands without the white space around it', async t => {
  t.equal(fieldValue(' \t x y\t '), 'x y')
  t.equal(fieldValue('x'), 'x')
  t.equal(fieldValue(' \t '), '')
  t.equal(fieldValue(['x', 'y']), 'x, y')
  t.equal(fieldValue(undefined), undefined)
  t.equal(fieldValue('\u00a0x'), '\u00a0x', 'space and tab alone')
})

t.test('E-14: names are counted whatever their case', async t => {
  t.equal(occurrences(['Mcp-Name', 'a', 'MCP-NAME', 'b', 'other', 'mcp-name'], 'mcp-name'), 2)
  t.equal(occurrences([], 'mcp-name'), 0)
})

t.test('H-9: browsers may send and read what MCP needs', async t => {
  t.same(CORS_ALLOWED_HEADERS.map(name => name.toLowerCase()).toSorted(), [
    'accept', 'authorization', 'content-type', 'last-event-id', 'mcp-method', 'mcp-name', 'mcp-protocol-version', 'mcp-session-id'
  ])
  t.same(CORS_EXPOSED_HEADERS.map(name => name.toLowerCase()).toSorted(), [
    'mcp-protocol-version', 'mcp-session-id', 'retry-after', 'www-authenticate'
  ])
})
