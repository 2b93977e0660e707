/** One way to check a plugin's options: defaults filled in, or one sentence that says what is wrong. */
import { Kind, Type, TypeRegistry } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { describeProblem } from './describe-option.ts'
import type { Static, TSchema, TUnsafe } from '@sinclair/typebox'

const OPAQUE = 'McpOpaque'

/** Says what is wrong with a value and how to write it right, as the end of a sentence: `has "x", which is not a y; write "z"`. */
export type FaultOf = (value: unknown) => string | undefined

TypeRegistry.Set<{ accepts: (value: unknown) => boolean, fault?: FaultOf }>(OPAQUE, (schema, value) => {
  return schema.accepts(value) && schema.fault?.(value) === undefined
})

/**
 * Schema of an option that is code rather than data (a function, an application, a storage): it is handed through as it
 * is, never copied. `expected` completes the sentence "must be …". Let one opaque option accept all its forms instead
 * of putting opaque ones into a union. `fault` looks closer at a value that has the right shape.
 */
export function Opaque<T> (expected: string, accepts: (value: unknown) => boolean, fault?: FaultOf): TUnsafe<T> {
  return Type.Unsafe<T>({ [Kind]: OPAQUE, expected, accepts, ...(fault === undefined ? {} : { fault }) })
}

/** Whether `value` is an object (or function) with all these methods. */
export function hasMethods (value: unknown, ...names: readonly string[]): boolean {
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return false
  return names.every(name => typeof Reflect.get(value, name) === 'function')
}

/**
 * The options with the schema's defaults filled in, or a throw of what `makeError` makes of one sentence: which option,
 * what it must be, what was given. Text given for an option marked `writeOnly` is not repeated.
 *
 * The caller's object stays untouched: objects described by the schema are copied, opaque values are not. An option
 * that is present but `undefined` counts as absent. A schema's own `expected` replaces the generated description.
 */
export function checkOptions<S extends TSchema> (schema: S, options: unknown, makeError: (sentence: string) => Error): Static<S> {
  const filled = fill(schema, options)
  if (Value.Check(schema, filled)) return filled
  throw makeError(describeProblem(schema, filled))
}

/** `Value.Default` would clone what it meets, and with it applications and storages. */
function fill (schema: TSchema, given: unknown): unknown {
  const value = given === undefined ? structuredClone(schema.default) : given
  const shape = objectShape(schema)
  if (shape === undefined || !isPlainObject(value)) return value
  const filled: Record<string, unknown> = {}
  for (const [name, property] of Object.entries(value)) {
    if (property !== undefined && !Object.hasOwn(shape, name)) filled[name] = property
  }
  for (const [name, property] of Object.entries(shape)) {
    const part = fill(property, Object.hasOwn(value, name) ? value[name] : undefined)
    if (part !== undefined) filled[name] = part
  }
  return filled
}

/** The properties of an object schema, or of the only object schema in a union (`false | { … }`). */
function objectShape (schema: TSchema): Record<string, TSchema> | undefined {
  if (schema[Kind] === 'Object') return schema.properties
  if (schema[Kind] !== 'Union') return undefined
  const objects = schema.anyOf.filter((variant: TSchema) => variant[Kind] === 'Object')
  return objects.length === 1 ? objects[0].properties : undefined
}

function isPlainObject (value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
