import t from 'tap'
import { fieldsOf, type Field } from '../../src/form/field.ts'

const schema = (properties: object, rest: object = {}) => ({ type: 'object', properties, ...rest })
const only = (property: object, rest: object = {}): Field => {
  const [field] = fieldsOf(schema({ x: property }, rest)) ?? []
  if (field === undefined) throw new Error('no field')
  return field
}

t.test('each type has its kind of field', async t => {
  const table: Array<[object, Partial<Field>]> = [
    [{ type: 'string' }, { kind: 'text', initial: '' }],
    [{ type: 'string', default: 'a' }, { kind: 'text', initial: 'a' }],
    [{ type: 'string', format: 'email' }, { kind: 'text', format: 'email' }],
    [{ type: 'number', minimum: 0.5, maximum: 2 }, { kind: 'number', minimum: 0.5, maximum: 2 }],
    [{ type: 'integer', default: 30 }, { kind: 'integer', initial: '30' }],
    [{ type: 'boolean' }, { kind: 'boolean', initial: false }],
    [{ type: 'boolean', default: true }, { kind: 'boolean', initial: true }],
    [{ type: ['string', 'null'] }, { kind: 'text' }],
    [{ type: ['string', 'number'] }, { kind: 'json' }],
    [{ type: 'object', properties: {} }, { kind: 'json' }],
    [{ type: 'object', default: { a: 1 } }, { kind: 'json', initial: '{\n  "a": 1\n}' }],
    [{ type: 'array', items: { type: 'string' } }, { kind: 'json' }],
    [{}, { kind: 'json' }],
    [{ default: 'text' }, { kind: 'json', initial: '"text"' }]
  ]
  for (const [property, field] of table) t.match(only(property), field, JSON.stringify(property))
})

t.test('every way to offer a choice', async t => {
  t.match(only({ type: 'string', enum: ['a', 'b'], default: 'b' }), {
    kind: 'choice', initial: 'b', choices: [{ value: 'a', label: 'a', sent: 'a' }, { value: 'b' }]
  })
  t.match(only({ enum: [1, 2], default: 2 }), { kind: 'choice', initial: '2', choices: [{ value: '1', sent: 1 }, { value: '2', sent: 2 }] })
  t.match(only({ type: 'string', enum: ['a'], enumNames: ['The first'] }).choices, [{ value: 'a', label: 'The first' }])
  t.match(only({ type: 'string', oneOf: [{ const: 'a', title: 'The first' }] }), { kind: 'choice', choices: [{ value: 'a', label: 'The first' }] })
  const several = { type: 'array', items: { anyOf: [{ const: 'a', title: 'A' }, { const: 'b', title: 'B' }] }, default: ['b'] }
  t.match(only(several), { kind: 'choices', initial: ['b'], choices: [{ label: 'A' }, { label: 'B' }] })
  t.equal(only({ oneOf: [{ type: 'string' }, { type: 'number' }] }).kind, 'json', 'alternatives are no choices')
})

t.test('titles, descriptions and what is required', async t => {
  const fields = fieldsOf(schema({ a: { type: 'string', title: 'The A', description: 'What it is' }, b: { type: 'string' } }, { required: ['b'] }))
  t.match(fields, [{ name: 'a', label: 'The A', description: 'What it is', required: false }, { name: 'b', label: 'b', required: true }])
})

t.test('references within the schema are followed', async t => {
  const $defs = { color: { type: 'string', enum: ['red'] }, place: { $anchor: 'here', type: 'integer' } }
  t.match(only({ $ref: '#/$defs/color', description: 'Which' }, { $defs }), { kind: 'choice', description: 'Which' })
  t.match(only({ $ref: '#here' }, { $defs }), { kind: 'integer' })
  t.match(only({ $ref: '#/$defs/nothing' }, { $defs }), { kind: 'json' })
  t.match(only({ $ref: 'https://example.com/schema' }), { kind: 'json' }, 'nothing is fetched')
})

t.test('what is no list of properties has no fields', async t => {
  t.strictSame(fieldsOf({ type: 'object', properties: {} }), [])
  t.strictSame(fieldsOf({ type: 'object' }), [])
  t.equal(fieldsOf({ type: 'object', additionalProperties: { type: 'string' } }), null)
  t.equal(fieldsOf({ anyOf: [{}] }), null)
  t.equal(fieldsOf(undefined), null)
  t.match(fieldsOf(schema({ odd: true })), [{ kind: 'json' }], 'a property may be a boolean schema')
})
