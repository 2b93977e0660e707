/** Options against a schema: one sentence about the first thing wrong. Values are not repeated, they may be secrets. */
import { Kind, type Static, type TSchema } from '@sinclair/typebox'
import { Value, ValueErrorType, type ValueError } from '@sinclair/typebox/value'
import { MCP_AUTH_BAD_OPTION } from './errors.ts'

/** @throws `MCP_AUTH_BAD_OPTION` */
export function checkShape<S extends TSchema> (schema: S, options: unknown): Static<S> {
  const given = withoutUndefined(options)
  if (Value.Check(schema, given)) return given
  const error = innermost(Value.Errors(schema, given).First())
  throw new MCP_AUTH_BAD_OPTION(error === undefined ? 'the options do not have the expected shape' : sentence(error))
}

/** An error in the one object variant of a union says more than the error of the union. */
function innermost (error: ValueError | undefined): ValueError | undefined {
  if (error?.schema[Kind] !== 'Union' || typeof error.value !== 'object' || error.value === null) return error
  const variants: TSchema[] = error.schema.anyOf
  const wanted = Array.isArray(error.value) ? 'Array' : 'Object'
  const index = variants.findIndex(variant => variant[Kind] === wanted)
  return index === -1 ? error : innermost(error.errors[index]?.First()) ?? error
}

function sentence ({ type, path, schema }: ValueError): string {
  const name = path === '' ? 'the options' : `option "${path.slice(1).replaceAll('/', '.')}"`
  if (type === ValueErrorType.ObjectAdditionalProperties) return `${name} is unknown`
  if (type === ValueErrorType.ObjectRequiredProperty) return `${name} is missing; it must be ${expected(schema)}`
  return `${name} must be ${expected(schema)}`
}

function expected (schema: TSchema): string {
  return typeof schema.expected === 'string' ? schema.expected : `valid (${JSON.stringify(schema)})`
}

/** An option that is present but `undefined` counts as absent. */
function withoutUndefined (value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const present = Object.entries(value).filter(([, part]) => part !== undefined)
  return Object.fromEntries(present.map(([key, part]) => [key, withoutUndefined(part)]))
}

export function missingAudience (name: string): Error {
  return new MCP_AUTH_BAD_OPTION(`option "${name}.audience" is missing; set it, or "resource" to the URL clients use`)
}
