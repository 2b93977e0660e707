import { Kind, Type, TypeRegistry, type TSchema, type TUnsafe } from '@sinclair/typebox'
import { Value, ValueErrorType } from '@sinclair/typebox/value'
import { Registry } from 'prom-client'
import { MCP_TELEMETRY_BAD_OPTION } from './errors.ts'

/** What becomes of the trace context of clients: `parent`: calls continue their traces; `link`: calls only point there; `ignore`. */
export type IncomingContext = 'parent' | 'link' | 'ignore'

const JUDGED = 'McpTelemetryJudged'

TypeRegistry.Set<{ accepts: (value: unknown) => boolean }>(JUDGED, (schema, value) => schema.accepts(value))

const INCOMING: readonly IncomingContext[] = ['parent', 'link', 'ignore']

const integer = (minimum: number): TSchema => Type.Optional(Type.Integer({ minimum, expected: `an integer of at least ${minimum}` }))

export const McpTelemetryOptionsSchema = Type.Object({
  registry: Type.Optional(judged('a Registry of prom-client', value => value instanceof Registry)),
  spans: Type.Optional(Type.Boolean({ expected: 'true or false' })),
  incomingContext: Type.Optional(judged('"parent", "link" or "ignore"', value => INCOMING.some(known => known === value))),
  methods: Type.Optional(Type.Array(Type.String({ expected: 'a string' }), { expected: 'a list of method names' })),
  maxNames: integer(0),
  maxSeries: integer(1)
}, { additionalProperties: false, expected: 'an object' })

/** Options of the plugin `mcpTelemetry`. */
export interface McpTelemetryOptions {
  /** Where the metrics are registered. Default: a registry of its own. */
  readonly registry?: Registry
  /** Whether calls make spans; needs `@opentelemetry/api`. Default `false`. */
  readonly spans?: boolean
  /** Of spans. Default `parent`. */
  readonly incomingContext?: IncomingContext
  /** Methods of your own that have a label; any beside these and the protocol's counts as `other`. */
  readonly methods?: readonly string[]
  /** Names of tools, and as many of prompts, that have a label. Default 100. */
  readonly maxNames?: number
  /** Sets of labels of one metric; what is beyond shares a label `other`. Default 1,000. */
  readonly maxSeries?: number
}

export interface Settings {
  readonly registry: Registry | undefined
  readonly spans: boolean
  readonly incomingContext: IncomingContext
  readonly methods: readonly string[]
  readonly maxNames: number
  readonly maxSeries: number
}

export function settingsFrom (options: McpTelemetryOptions): Settings {
  const problem = Value.Errors(McpTelemetryOptionsSchema, options).First()
  if (problem !== undefined) {
    const name = problem.path === '' ? 'the options' : `option "${problem.path.slice(1).replaceAll('/', '.')}"`
    const unknown = problem.type === ValueErrorType.ObjectAdditionalProperties
    throw new MCP_TELEMETRY_BAD_OPTION(unknown ? `${name} is unknown` : `${name} must be ${String(problem.schema['expected'])}`)
  }
  const { registry, spans = false, incomingContext = 'parent', methods = [], maxNames = 100, maxSeries = 1_000 } = options
  return { registry, spans, incomingContext, methods, maxNames, maxSeries }
}

function judged<T> (expected: string, accepts: (value: unknown) => boolean): TUnsafe<T> {
  return Type.Unsafe<T>({ [Kind]: JUDGED, expected, accepts })
}
