/** One sentence about what is wrong with options: which one, what it must be, what was given. */
import { Kind, Type, TypeRegistry, type TSchema, type TUnsafe } from '@sinclair/typebox'
import { Value, ValueErrorType, type ValueError } from '@sinclair/typebox/value'

const JUDGED = 'McpSecurityJudged'
const MAX_SHOWN = 60

TypeRegistry.Set<{ accepts: (value: unknown) => boolean }>(JUDGED, (schema, value) => schema.accepts(value))

/** Schema of a value that a function judges. `expected` completes the sentence "must be …"; every schema here has one. */
export function Judged<T> (expected: string, accepts: (value: unknown) => boolean): TUnsafe<T> {
  return Type.Unsafe<T>({ [Kind]: JUDGED, expected, accepts })
}

/** The first problem as a sentence, or `undefined` where there is none. */
export function problemOf (schema: TSchema, options: unknown): string | undefined {
  const problem = firstProblem(schema, options, '')
  if (problem === undefined) return undefined
  const name = problem.path === '' ? 'the options' : `option "${keysOf(problem.path).join('.')}"`
  if (problem.type === ValueErrorType.ObjectAdditionalProperties) return `${name} is unknown`
  return `${name} must be ${String(problem.schema['expected'])}, got ${show(problem.value)}`
}

/** Looks into the object of `false | { … }`, so that the option inside is named. */
function firstProblem (schema: TSchema, value: unknown, prefix: string): ValueError | undefined {
  const problem = Value.Errors(schema, value).First()
  if (problem === undefined) return undefined
  const path = prefix + problem.path
  const inner: TSchema | undefined = problem.schema[Kind] === 'Union' ? problem.schema['anyOf'][1] : undefined
  if (inner !== undefined && typeof problem.value === 'object') return firstProblem(inner, problem.value, path)
  return { ...problem, path }
}

function keysOf (path: string): string[] {
  return path.split('/').slice(1).map(key => key.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function show (value: unknown): string {
  if (typeof value === 'function') return 'a function'
  const text = JSON.stringify(value) ?? String(value)
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text
}
