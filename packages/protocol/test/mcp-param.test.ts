import t from 'tap'
import { paramMismatch, scanParams, type MirroredParam } from '../src/index.ts'

const annotated = (type: unknown, header: unknown = 'X') => ({ type, 'x-mcp-header': header })
const object = (properties: object) => ({ type: 'object', properties })

t.test('E-19: annotated properties are found, nested ones too', async t => {
  const schema = object({
    region: annotated('string', 'Region'),
    count: { ...annotated('integer', 'count'), minimum: 1 },
    deep: object({ er: object({ dry: annotated('boolean', 'Dry-Run') }) }),
    plain: { type: 'string' }
  })
  t.same(scanParams(schema), {
    params: [
      { path: ['region'], header: 'mcp-param-region', type: 'string' },
      { path: ['count'], header: 'mcp-param-count', type: 'integer' },
      { path: ['deep', 'er', 'dry'], header: 'mcp-param-dry-run', type: 'boolean' }
    ]
  })
})

t.test('E-19: a schema without annotations asks for nothing', async t => {
  for (const schema of [object({ a: { type: 'string' } }), {}, true, undefined, null, 'x']) t.same(scanParams(schema), { params: [] })
})

t.test('E-19: values that only look like annotations are data', async t => {
  const schema = object({ a: { type: 'object', const: annotated('null'), enum: [annotated('null')], default: annotated('x'), examples: [annotated(1)] } })
  t.same(scanParams(schema), { params: [] })
  t.same(scanParams(object({ 'x-mcp-header': { type: 'string' } })), { params: [] }, 'a property may have that name')
})

const faults: ReadonlyArray<readonly [what: string, schema: object, fault: RegExp]> = [
  ['E-19: an empty name', object({ a: annotated('string', '') }), /at a is not an RFC 9110 token/],
  ['E-19: a name with a space', object({ a: annotated('string', 'My Region') }), /RFC 9110 token/],
  ['E-19: a name with a line break', object({ a: annotated('string', 'a\r\nb') }), /RFC 9110 token/],
  ['E-19: a name outside ASCII', object({ a: annotated('string', 'Région') }), /RFC 9110 token/],
  ['E-19: a name that is no string', object({ a: annotated('string', true) }), /RFC 9110 token/],
  ['E-19: two names that differ in case', object({ a: annotated('string', 'X'), b: annotated('string', 'x') }), /"x" .*used twice/],
  ['E-19: the type number', object({ a: annotated('number') }), /on type "number"/],
  ['E-19: the type null', object({ a: annotated('null') }), /on type "null"/],
  ['E-19: the type object', object({ a: annotated('object') }), /on type "object"/],
  ['E-19: the type array', object({ a: annotated('array') }), /on type "array"/],
  ['E-19: several types', object({ a: annotated(['string', 'null']) }), /on type \["string","null"\]/],
  ['E-19: no type', object({ a: annotated(undefined) }), /on type undefined/],
  ['E-19: the root', { ...object({}), 'x-mcp-header': 'X' }, /not on a property/],
  ['E-19: items', object({ a: { type: 'array', items: annotated('string') } }), /properties alone/],
  ['E-19: properties of items', object({ a: { type: 'array', items: object({ b: annotated('string') }) } }), /properties alone/],
  ['E-19: anyOf', object({ a: { anyOf: [annotated('string')] } }), /properties alone/],
  ['E-19: allOf at the root', { ...object({}), allOf: [object({ a: annotated('string') })] }, /properties alone/],
  ['E-19: if', { ...object({}), if: object({ a: annotated('string') }) }, /properties alone/],
  ['E-19: $defs', { ...object({}), $defs: { a: annotated('string') } }, /properties alone/],
  ['E-19: patternProperties', { ...object({}), patternProperties: { '^a': annotated('string') } }, /properties alone/],
  ['E-19: additionalProperties', { ...object({}), additionalProperties: annotated('string') }, /properties alone/]
]

t.test('E-19: one misplaced or malformed annotation spoils the tool', async t => {
  for (const [what, schema, fault] of faults) {
    const scanned = scanParams({ ...schema, title: what })
    t.match('fault' in scanned ? scanned.fault : 'no fault', fault, what)
  }
})

t.test('E-19: a schema without end is a fault, not a crash', async t => {
  let deep: object = annotated('string')
  let wide: unknown = []
  for (let i = 0; i < 100_000; i++) {
    deep = object({ a: deep })
    wide = [wide]
  }
  t.match(scanParams(deep), { fault: /nested deeper/ })
  t.match(scanParams({ allOf: wide }), { fault: /nested deeper/ })
})

const REGION: MirroredParam = { path: ['region'], header: 'mcp-param-region', type: 'string' }
const COUNT: MirroredParam = { path: ['count'], header: 'mcp-param-count', type: 'integer' }
const DRY: MirroredParam = { path: ['deep', 'dry'], header: 'mcp-param-dry', type: 'boolean' }

type Row = readonly [what: string, param: MirroredParam, args: unknown, sent: string | undefined, fault: RegExp | undefined]

const rows: readonly Row[] = [
  ['E-21: a string as it is', REGION, { region: 'eu west' }, 'eu west', undefined],
  ['E-21: a string in a sentinel', REGION, { region: ' é ' }, '=?base64?IMOpIA==?=', undefined],
  ['E-21: an integer', COUNT, { count: 42 }, '42', undefined],
  ['E-21: a negative integer', COUNT, { count: -42 }, '-42', undefined],
  ['E-21: the largest integer', COUNT, { count: 2 ** 53 - 1 }, '9007199254740991', undefined],
  ['E-21: true', DRY, { deep: { dry: true } }, 'true', undefined],
  ['E-21: false', DRY, { deep: { dry: false } }, 'false', undefined],
  ['E-21: absent', REGION, {}, undefined, undefined],
  ['E-21: null', REGION, { region: null }, undefined, undefined],
  ['E-21: no arguments at all', DRY, undefined, undefined, undefined],
  ['E-21: arguments of another shape', DRY, { deep: 'x' }, undefined, undefined],
  ['E-18 E-22: an empty string as an empty header', REGION, { region: '' }, '', undefined],
  ['E-18 E-22: an empty string as an empty sentinel', REGION, { region: '' }, '=?base64??=', undefined],
  ['E-22: integers compare as numbers', COUNT, { count: 42 }, '42.0', undefined],
  ['E-22: no exponents', COUNT, { count: 100 }, '1e2', /differs/],
  ['E-22: no hexadecimals', COUNT, { count: 16 }, '0x10', /differs/],
  ['E-22: no white space for a number', COUNT, { count: 0 }, '', /differs/],
  ['E-22: another number', COUNT, { count: 42 }, '43', /differs/],
  ['E-22: another string', REGION, { region: 'eu' }, 'us', /differs/],
  ['E-22: another case', REGION, { region: 'eu' }, 'EU', /differs/],
  ['E-22: booleans are lower case', DRY, { deep: { dry: true } }, 'True', /differs/],
  ['E-22: a value without its header', REGION, { region: 'eu' }, undefined, /mcp-param-region is missing/],
  ['E-22: a header without its value', REGION, {}, 'eu', /without its argument/],
  ['E-22: a header for null', REGION, { region: null }, 'null', /without its argument/],
  ['E-22: an undecodable header', REGION, { region: 'x' }, '=?base64?/w==?=', /valid base64/],
  ['E-22: an object has no form a header could have', REGION, { region: { toString: 1 } }, '[object Object]', /differs/],
  ['E-22: nor has an array', REGION, { region: ['eu'] }, 'eu', /differs/],
  ['A-39: an inherited value is none', { ...REGION, path: ['constructor', 'name'] }, {}, undefined, undefined]
]

t.test('E-21 E-22: headers and arguments agree, or the reason is named', async t => {
  for (const [what, param, args, sent, fault] of rows) {
    const headers = sent === undefined ? {} : { [param.header]: sent }
    const found = paramMismatch([param], args, headers, Object.entries(headers).flat())
    if (fault === undefined) t.equal(found, undefined, what)
    else t.match(found, fault, what)
  }
})

t.test('E-22: a header sent twice', async t => {
  const twice = ['mcp-param-region', 'a', 'Mcp-Param-Region', 'b']
  t.match(paramMismatch([REGION], { region: 'a, b' }, { 'mcp-param-region': 'a, b' }, twice), /more than once/)
  const once = ['mcp-param-region', 'a, b']
  t.equal(paramMismatch([REGION], { region: 'a, b' }, { 'mcp-param-region': 'a, b' }, once), undefined)
})

t.test('E-23: headers nobody asked for are ignored, and every parameter is looked at', async t => {
  t.equal(paramMismatch([], { region: 'eu' }, { 'mcp-param-region': 'us' }, []), undefined)
  t.match(paramMismatch([REGION, COUNT], { region: 'eu', count: 1 }, { 'mcp-param-region': 'eu' }, []), /mcp-param-count is missing/)
})
