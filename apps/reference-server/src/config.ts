import { isLoopbackAddress } from '@mcp/security'
import { envSchema } from 'env-schema'
import { authFrom, type AuthConfig } from './auth.ts'
import { dependencyFaults } from './dependencies.ts'
import { itemsOf, SECRETS, VariablesSchema, type Variables } from './variables.ts'

/** How the server runs. */
export interface Config {
  readonly host: string
  /** 0 picks a free port. */
  readonly port: number
  readonly path: string
  readonly application: 'sdk' | 'raw'
  readonly sessions: boolean
  /** Whether clients of 2024-11-05 find their transport at `/sse` and `/messages`. */
  readonly legacySse: boolean
  /** `memory:`, `sqlite:PATH`, `redis://…` or `rediss://…`. */
  readonly storage: string
  /** Absent: the endpoint's default (loopback names on a loopback bind). */
  readonly allowedHosts?: readonly string[]
  /** Absent: the endpoint's default (loopback origins on a loopback bind). */
  readonly allowedOrigins?: readonly string[]
  /** The URL clients use, where it is not the one this server listens at. */
  readonly publicUrl?: string
  readonly auth: AuthConfig
  /** Requests from one address, and as many of one principal; `null`: as many as they like. */
  readonly rateLimit: { readonly max: number, readonly timeWindow: string } | null
  /** Whether there is a page at `/`, and the live view it shows. */
  readonly console: boolean
  /** Whether callers on this machine see live view and figures without a credential: the operator vouches that no proxy forwards here. */
  readonly localAdmin: boolean
  /** Whether Prometheus finds figures at `/metrics`. */
  readonly metrics: boolean
  /** Whether calls make spans of OpenTelemetry, where somebody has set that up. */
  readonly spans: boolean
  /** Addresses and networks whose word about callers counts. */
  readonly trustedProxies?: readonly string[]
  /** Milliseconds between saying that it drains and closing. */
  readonly drainMs: number
  readonly logLevel: string
}

/** Environment variables by name, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>

const LISTS = new Set(['MCP_ALLOWED_HOSTS', 'MCP_ALLOWED_ORIGINS', 'MCP_TRUSTED_PROXIES', 'MCP_PRIVATE_ISSUERS'])
const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]']
/** Whoever is in reach of everybody has a limit. */
const PUBLIC_RATE_LIMIT = '600/minute'

/** A variable has a value that cannot be used; the message says which, what was given and what is expected. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/** Reads the configuration. Throws a {@link ConfigError} that names every variable with a bad value. */
export function readConfig (environment: Environment): Config {
  const variables = checked(environment)
  const local = isLoopback(variables.HOST)
  const faults = dependencyFaults(variables, local)
  if (faults.length > 0) throw new ConfigError(faults.join('\n'))
  const hosts = allowedHosts(variables, local)
  return {
    host: variables.HOST,
    port: variables.PORT,
    path: variables.MCP_PATH,
    application: variables.MCP_APPLICATION,
    sessions: variables.MCP_SESSIONS === 'on',
    legacySse: variables.MCP_LEGACY_SSE === 'on',
    storage: variables.MCP_STORAGE,
    ...(hosts !== undefined && { allowedHosts: hosts }),
    ...(variables.MCP_ALLOWED_ORIGINS !== undefined && { allowedOrigins: itemsOf(variables.MCP_ALLOWED_ORIGINS) }),
    ...(variables.MCP_PUBLIC_URL !== undefined && { publicUrl: variables.MCP_PUBLIC_URL }),
    auth: authFrom(variables),
    rateLimit: rateLimitFrom(variables.MCP_RATE_LIMIT ?? (local ? 'off' : PUBLIC_RATE_LIMIT)),
    console: hasConsole(variables, local),
    localAdmin: variables.MCP_LOCAL_ADMIN === 'on',
    metrics: variables.MCP_METRICS === 'on',
    spans: variables.MCP_SPANS === 'on',
    ...(variables.MCP_TRUSTED_PROXIES !== undefined && { trustedProxies: itemsOf(variables.MCP_TRUSTED_PROXIES) }),
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

/** What is listed; else the host of the public URL, and without authentication no other: a proxy may forward by any name. */
function allowedHosts (variables: Variables, local: boolean): string[] | undefined {
  const { MCP_ALLOWED_HOSTS, MCP_PUBLIC_URL, MCP_ALLOW_PUBLIC, MCP_ALLOWED_ORIGINS, MCP_AUTH } = variables
  if (MCP_ALLOWED_HOSTS !== undefined) return itemsOf(MCP_ALLOWED_HOSTS)
  if (MCP_PUBLIC_URL !== undefined) {
    const { hostname } = new URL(MCP_PUBLIC_URL)
    const ownNames = local && (MCP_AUTH !== 'off' || isLoopback(hostname.replace(/^\[|\]$/g, '')))
    return ownNames ? [hostname, ...LOOPBACK_NAMES] : [hostname]
  }
  // The endpoint serves nobody who could be anybody, unless it is told that this is meant.
  return !local && MCP_ALLOW_PUBLIC === 'on' && MCP_ALLOWED_ORIGINS === undefined ? ['*'] : undefined
}

/** Where only this machine reaches the server, there is a page for whoever tries it; others are asked for one. */
function hasConsole (variables: Variables, local: boolean): boolean {
  const { MCP_CONSOLE, MCP_PATH, MCP_PUBLIC_URL, MCP_TRUSTED_PROXIES } = variables
  if (MCP_CONSOLE !== undefined) return MCP_CONSOLE === 'on'
  return local && MCP_PATH !== '/' && MCP_PUBLIC_URL === undefined && MCP_TRUSTED_PROXIES === undefined
}

function rateLimitFrom (text: string): Config['rateLimit'] {
  if (text === 'off') return null
  const [max, unit = 'minute'] = text.split('/')
  return { max: Number(max), timeWindow: `1 ${unit}` }
}

function isLoopback (host: string): boolean {
  return host === 'localhost' || isLoopbackAddress(host)
}

/** An empty list is no list; any other variable that is set has to have a value. */
function isUnset (name: string, value: string | undefined): boolean {
  return value === undefined || (value.trim() === '' && LISTS.has(name))
}

function describe (name: string, given: string | undefined): string {
  if (SECRETS.includes(name)) return `${name} has to be ${isVariable(name) ? VariablesSchema.properties[name].description : ''}`
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
