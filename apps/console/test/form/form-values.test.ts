import t from 'tap'
import { fieldsOf, type FieldValue } from '../../src/form/field.ts'
import { filled, filledJson, initialValues } from '../../src/form/form-values.ts'

function fill (property: object, value: FieldValue | undefined, required = false) {
  const fields = fieldsOf({ type: 'object', properties: { x: property }, required: required ? ['x'] : [] }) ?? []
  return filled(fields, value === undefined ? initialValues(fields) : { x: value })
}

t.test('what is filled in is sent as what it is', async t => {
  const table: Array<[property: object, value: FieldValue, sent: unknown]> = [
    [{ type: 'string' }, 'a b', 'a b'],
    [{ type: 'string' }, '5', '5'],
    [{ type: 'number' }, '2.5', 2.5],
    [{ type: 'integer' }, '-3', -3],
    [{ type: 'boolean' }, true, true],
    [{ type: 'boolean' }, false, false],
    [{ enum: ['a', 'b'] }, 'b', 'b'],
    [{ enum: [1, 2] }, '2', 2],
    [{ type: 'array', items: { enum: ['a', 'b', 'c'] } }, ['c', 'a'], ['a', 'c']],
    [{ type: 'object' }, '{"a":[1]}', { a: [1] }],
    [{ type: 'array' }, '[null]', [null]]
  ]
  for (const [property, value, sent] of table) {
    t.strictSame(fill(property, value), { content: { x: sent }, faults: {} }, JSON.stringify(property))
  }
})

t.test('what is empty is left out, or missed', async t => {
  const single = [{ type: 'string' }, { type: 'number' }, { enum: ['a'] }, { type: 'object' }]
  for (const property of [...single, { type: 'array', items: { enum: ['a'] } }]) {
    t.strictSame(fill(property, undefined), { content: {}, faults: {} }, JSON.stringify(property))
  }
  for (const property of single) {
    t.strictSame(fill(property, undefined, true), { content: {}, faults: { x: 'x is required.' } }, JSON.stringify(property))
  }
  t.strictSame(fill({ type: 'array', items: { enum: ['a'] } }, undefined, true).content, { x: [] }, 'none of a list is an answer')
})

t.test('defaults are sent as they are', async t => {
  t.strictSame(fill({ type: 'integer', default: 0 }, undefined).content, { x: 0 })
  t.strictSame(fill({ type: 'string', default: 'x' }, undefined).content, { x: 'x' })
  t.strictSame(fill({ type: 'object', default: { a: 1 } }, undefined).content, { x: { a: 1 } })
})

t.test('what cannot be sent is said, by field', async t => {
  const table: Array<[property: object, value: FieldValue, fault: string]> = [
    [{ type: 'number', title: 'Score' }, 'much', 'Score is not a number.'],
    [{ type: 'number' }, '1e999', 'x is not a number.'],
    [{ type: 'integer' }, '1.5', 'x is not a whole number.'],
    [{ type: 'integer', minimum: 1 }, '0', 'x is 1 at least.'],
    [{ type: 'integer', maximum: 9 }, '10', 'x is 9 at most.'],
    [{ type: 'object' }, '{a', 'x is not JSON.']
  ]
  for (const [property, value, fault] of table) t.strictSame(fill(property, value), { content: {}, faults: { x: fault } }, fault)
})

t.test('a whole object is written as JSON', async t => {
  t.strictSame(filledJson('{"a":1}'), { content: { a: 1 }, faults: {} })
  t.strictSame(filledJson(' '), { content: {}, faults: {} })
  for (const text of ['[1]', '1', '{']) t.strictSame(filledJson(text).faults, { '': 'This is not a JSON object.' }, text)
})
