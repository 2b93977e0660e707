import { Kind } from '@sinclair/typebox'
import { Value, ValueErrorType } from '@sinclair/typebox/value'
import type { TSchema } from '@sinclair/typebox'
import type { ValueError } from '@sinclair/typebox/value'

const MAX_SHOWN = 60

/** One sentence about the first thing wrong with `options`: which option, what it must be, what was given. */
export function describeProblem (schema: TSchema, options: unknown): string {
  const problem = firstProblem(schema, options, '')
  if (problem === undefined) return 'the options do not have the expected shape'
  const { type, path, value, schema: expected } = problem
  if (type === ValueErrorType.ObjectAdditionalProperties) return `${nameOf(path)} is unknown, ${knownOptions(schema, path)}`
  const fault: unknown = typeof expected.fault === 'function' && expected.accepts(value) === true ? expected.fault(value) : undefined
  if (typeof fault === 'string') return `${nameOf(path)} ${fault}`
  return `${nameOf(path)} must be ${describe(expected)}, got ${show(value, expected.writeOnly === true)}`
}

/** Looks into the variant of a union the value was meant for, so that the inner option is named. */
function firstProblem (schema: TSchema, value: unknown, prefix: string): ValueError | undefined {
  const error = Value.Errors(schema, value).First()
  if (error === undefined) return undefined
  const path = prefix + error.path
  const variant = error.schema[Kind] === 'Union' ? objectVariant(error.schema) : undefined
  if (variant !== undefined && isObject(error.value)) return firstProblem(variant, error.value, path)
  return { ...error, path }
}

function nameOf (path: string): string {
  return path === '' ? 'the options' : `option "${keysOf(path).join('.')}"`
}

function keysOf (path: string): string[] {
  return path.split('/').slice(1).map(key => key.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function knownOptions (schema: TSchema, path: string): string {
  let parent: TSchema | undefined = schema
  for (const key of keysOf(path).slice(0, -1)) {
    const shape: TSchema | undefined = parent?.[Kind] === 'Union' ? objectVariant(parent) : parent
    parent = shape?.properties?.[key] ?? shape?.items
  }
  const shape = parent?.[Kind] === 'Union' ? objectVariant(parent) : parent
  const names = Object.keys(shape?.properties ?? {})
  return names.length === 0 ? 'there are none' : `expected ${listed(names.map(name => `"${name}"`), 'or')}`
}

function objectVariant (union: TSchema): TSchema | undefined {
  const objects = union.anyOf.filter((variant: TSchema) => variant[Kind] === 'Object')
  return objects.length === 1 ? objects[0] : undefined
}

function describe (schema: TSchema): string {
  if (typeof schema.expected === 'string') return schema.expected
  switch (schema[Kind]) {
    case 'Literal': return JSON.stringify(schema.const)
    case 'Union': return listed(schema.anyOf.map(describe), 'or')
    case 'Integer': return `an integer${range(schema)}`
    case 'Number': return `a number${range(schema)}`
    case 'String': return describeString(schema)
    case 'Boolean': return 'true or false'
    case 'Function': return 'a function'
    case 'Array': return `an array${schema.minItems > 0 ? ` of at least ${schema.minItems}` : ''}, each item ${describe(schema.items)}`
    case 'Object': return describeObject(schema)
    default: return `valid (${JSON.stringify(schema)})`
  }
}

function describeObject ({ properties = {}, required = [] }: TSchema): string {
  const needed = Object.keys(properties)
    .filter(name => required.includes(name) && properties[name].default === undefined)
    .map(name => `"${name}"`)
  return needed.length === 0 ? 'an object' : `an object with ${listed(needed, 'and')}`
}

function describeString (schema: TSchema): string {
  if (schema.pattern !== undefined) return `a string matching ${schema.pattern}`
  if (schema.format !== undefined) return `a string of format ${schema.format}`
  if (schema.minLength > 1) return `a string of at least ${schema.minLength} characters`
  return schema.minLength === 1 ? 'a non-empty string' : 'a string'
}

function range ({ minimum, maximum, exclusiveMinimum }: TSchema): string {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`
  if (minimum !== undefined) return ` of at least ${minimum}`
  if (exclusiveMinimum !== undefined) return ` greater than ${exclusiveMinimum}`
  return maximum === undefined ? '' : ` of at most ${maximum}`
}

function show (value: unknown, secret: boolean): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'function') return 'a function'
  if (Array.isArray(value)) return showList(value, secret)
  if (isObject(value)) return 'an object'
  if (typeof value !== 'string') return String(value)
  if (secret) return 'a string that is not shown'
  return JSON.stringify(shorten(value))
}

function showList (values: readonly unknown[], secret: boolean): string {
  if (values.length === 0) return 'an empty array'
  if (secret || values.some(value => typeof value === 'object' || typeof value === 'function')) return 'an array'
  return shorten(JSON.stringify(values))
}

function shorten (text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text
}

function listed (parts: readonly string[], conjunction: string): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} ${conjunction} ${parts.at(-1)}`
}

function isObject (value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
