import { envSchema } from 'env-schema'
import { VariablesSchema, type Variables } from './variables.ts'

/** How the server runs. */
export interface Config {
  readonly host: string
  /** 0 picks a free port. */
  readonly port: number
  readonly path: string
  readonly application: 'sdk' | 'raw'
  readonly sessions: boolean
  /** `memory:`, `lmdb:PATH`, `redis://…` or `rediss://…`. */
  readonly storage: string
  /** Absent: the endpoint's default (loopback names on a loopback bind). */
  readonly allowedHosts?: readonly string[]
  /** Absent: the endpoint's default (loopback origins on a loopback bind). */
  readonly allowedOrigins?: readonly string[]
  /** Milliseconds between saying that it drains and closing. */
  readonly drainMs: number
  readonly logLevel: string
}

/** Environment variables by name, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>

/** A variable has a value that cannot be used; the message says which, what was given and what is expected. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/** Reads the configuration. Throws a {@link ConfigError} that names every variable with a bad value. */
export function readConfig (environment: Environment): Config {
  const variables = checked(environment)
  return {
    host: variables.HOST,
    port: variables.PORT,
    path: variables.MCP_PATH,
    application: variables.MCP_APPLICATION,
    sessions: variables.MCP_SESSIONS === 'on',
    storage: variables.MCP_STORAGE,
    ...(variables.MCP_ALLOWED_HOSTS !== undefined && { allowedHosts: items(variables.MCP_ALLOWED_HOSTS) }),
    ...(variables.MCP_ALLOWED_ORIGINS !== undefined && { allowedOrigins: items(variables.MCP_ALLOWED_ORIGINS) }),
    drainMs: variables.MCP_DRAIN_MS,
    logLevel: variables.LOG_LEVEL
  }
}

/** Names of `MCP_*` variables this server does not know: most often a misspelling. */
export function unknownVariables (environment: Environment): string[] {
  return Object.keys(environment).filter(name => name.startsWith('MCP_') && !isVariable(name)).sort()
}

function checked (environment: Environment): Variables {
  const data = Object.fromEntries(Object.entries(environment).filter(([name, value]) => isVariable(name) && !isUnset(name, value)))
  try {
    return envSchema<Variables>({ schema: VariablesSchema, data, env: false })
  } catch (error) {
    throw new ConfigError(faults(error).map(name => describe(name, environment[name])).join('\n'), { cause: error })
  }
}

/** An empty list is no list; any other variable that is set has to have a value. */
function isUnset (name: string, value: string | undefined): boolean {
  return value === undefined || (value.trim() === '' && name.startsWith('MCP_ALLOWED_'))
}

function describe (name: string, given: string | undefined): string {
  const expected = isVariable(name) ? VariablesSchema.properties[name].description : 'another value'
  return `${name} is ${JSON.stringify(given)}, but has to be ${expected}`
}

/** The variables a validation error is about, each once. Anything else is a mistake in here and goes on. */
function faults (error: unknown): string[] {
  if (!(error instanceof Error) || !('errors' in error) || !Array.isArray(error.errors)) throw error
  const names = error.errors.map((fault: { instancePath: string }) => fault.instancePath.split('/')[1] ?? '')
  return [...new Set(names)]
}

function isVariable (name: string): name is keyof Variables {
  return Object.hasOwn(VariablesSchema.properties, name)
}

function items (list: string): string[] {
  return list.split(',').map(item => item.trim())
}
