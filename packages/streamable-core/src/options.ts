import { eraOf, REVISIONS, type ExchangeHandler, type McpApplication, type Principal, type Revision } from '@mcp/protocol'
import { checkOptions, hasMethods, Opaque } from '@mcp/storage'
import { Type, type Static } from '@sinclair/typebox'
import type { LogLevel, RegisterOptions } from 'fastify'
import { MCP_ENDPOINT_BAD_OPTION } from './errors.ts'
import type { HostRule, OriginRule } from './guard.ts'
import { hostsFault, originsFault, revisionsFault } from './rule-faults.ts'

const MINUTE = 60_000
const MIB = 1024 * 1024

const LimitsSchema = Type.Object({
  bodyBytes: Type.Integer({ minimum: 1, default: 4 * MIB }),
  handshakeCharacters: Type.Integer({ minimum: 256, default: 64 * 1024 }),
  batchLength: Type.Integer({ minimum: 1, default: 50 }),
  jsonDepth: Type.Integer({ minimum: 4, default: 64 }),
  sessions: Type.Integer({ minimum: 1, default: 10_000 }),
  sessionsPerPrincipal: Type.Integer({ minimum: 1, default: 1_000 }),
  sessionsPerAddress: Type.Optional(Type.Integer({ minimum: 1 })),
  sessionStateBytes: Type.Integer({ minimum: 1, default: 256 * 1024 }),
  streamsPerSession: Type.Integer({ minimum: 1, default: 32 }),
  eventsPerSession: Type.Integer({ minimum: 1, default: 1_000 }),
  eventBytesPerSession: Type.Integer({ minimum: 1, default: 4 * MIB }),
  eventAgeMs: Type.Integer({ minimum: 10, default: 10 * MINUTE }),
  storedBytes: Type.Integer({ minimum: 1024, default: 256 * MIB }),
  storedBytesPerCaller: Type.Integer({ minimum: 1024, default: 64 * MIB }),
  sessionIdleMs: Type.Integer({ minimum: 100, default: 30 * MINUTE }),
  sessionLifetimeMs: Type.Integer({ minimum: 100, default: 24 * 60 * MINUTE }),
  unsentBytes: Type.Integer({ minimum: 1024, default: 16 * MIB }),
  totalUnsentBytes: Type.Integer({ minimum: 1024, default: 256 * MIB }),
  stallMs: Type.Integer({ minimum: 10, default: MINUTE }),
  listens: Type.Integer({ minimum: 1, default: 1_024 }),
  listenUris: Type.Integer({ minimum: 0, default: 1_024 }),
  uriCharacters: Type.Integer({ minimum: 16, default: 8 * 1024 }),
  cursorCharacters: Type.Integer({ minimum: 16, default: 4 * 1024 }),
  requestStateCharacters: Type.Integer({ minimum: 16, default: 64 * 1024 }),
  arguments: Type.Integer({ minimum: 1, default: 1_024 })
}, { additionalProperties: false, default: {} })

export const McpStreamableOptionsSchema = Type.Object({
  application: Opaque<McpApplication | ExchangeHandler>('an application ({ revisions, accept }) or a function (exchange) => …', isApplication, applicationFault),
  path: Type.String({ pattern: '^/', default: '/mcp', expected: 'a path that starts with "/"' }),
  prefix: Type.Optional(Type.String()),
  logLevel: Type.Optional(Type.Unsafe<LogLevel>(Type.String({ minLength: 1, expected: 'a level of the logger, such as "warn"' }))),
  logSerializers: Type.Optional(Opaque<LogSerializers>('an object of functions', isSerializers)),
  revisions: Type.Optional(Opaque<readonly Revision[]>(`a list of ${REVISIONS.join(', ')}`, isList, revisionsFault)),
  sessions: Type.Boolean({ default: true }),
  response: Type.Union([Type.Literal('auto'), Type.Literal('json'), Type.Literal('stream')], { default: 'auto' }),
  strictAccept: Type.Boolean({ default: false }),
  allowedHosts: Type.Optional(Opaque<HostRule>('a list of host names or a function (host) => boolean', isRule, hostsFault)),
  allowedOrigins: Type.Optional(Opaque<OriginRule>('a list of origins or a function (origin) => boolean', isRule, originsFault)),
  authorizeResource: Type.Optional(Opaque<AuthorizeResource>('a function (principal, uri) => boolean', isFunction)),
  keepAliveMs: Type.Integer({ minimum: 10, maximum: 5 * MINUTE, default: 15_000 }),
  retryMs: Type.Integer({ minimum: 0, maximum: 10 * MINUTE, default: 1_000 }),
  credentialCheckMs: Type.Integer({ minimum: 10, default: MINUTE }),
  closeTimeoutMs: Type.Integer({ minimum: 0, default: 5_000 }),
  limits: LimitsSchema
}, { additionalProperties: false })

export type Limits = Static<typeof LimitsSchema>

/** Whether a principal may hear of changes to a resource (E-35). */
export type AuthorizeResource = (principal: Principal | null, uri: string) => boolean | Promise<boolean>

/** Functions that make a value fit for a log, by the name of its field. */
export type LogSerializers = NonNullable<RegisterOptions['logSerializers']>

/** Options of the plugin `mcpStreamable`. */
export interface McpStreamableOptions {
  /** What answers messages: an application, or a function for those who want the raw messages. */
  readonly application: McpApplication | ExchangeHandler
  /** Where the endpoint lives; the same path with a slash behind it is served too. Default `/mcp`. */
  readonly path?: string
  /** Prefix of the path, as with every Fastify plugin: `/api`, `/api/` and `api` are the same. */
  readonly prefix?: string
  /** The lowest level at which the endpoint logs, as with every Fastify plugin. Default: the level of the scope. */
  readonly logLevel?: LogLevel
  /** Serializers of the endpoint's request logs, as with every Fastify plugin. Your own `req` replaces ours, which leaves out the query. */
  readonly logSerializers?: LogSerializers
  /** Revisions to serve; those the application cannot answer are left out. Default: all. */
  readonly revisions?: readonly Revision[]
  /** `false`: no sessions, every legacy POST stands alone, GET and DELETE answer 405. Default `true`. */
  readonly sessions?: boolean
  /** `auto`: a response that comes first is JSON, anything else opens a stream. `json`, `stream`: forced where the client takes it. */
  readonly response?: 'auto' | 'json' | 'stream'
  /** Refuses POSTs whose `Accept` does not name both reply types literally. Default `false`. */
  readonly strictAccept?: boolean
  /**
   * Names that `Host` may contain. Default: on a loopback address loopback names, and without `@mcp/auth` no request that a proxy passed
   * on; on any other address and on a Unix socket any name, if `allowedOrigins` is set or `@mcp/auth` registered, else the endpoint rejects
   * every request. `['*']` accepts any name.
   */
  readonly allowedHosts?: HostRule
  /**
   * Pages that may call. Default: the endpoint's own origin, on a loopback address loopback origins, and what `cors.allowedOrigins` of
   * `@mcp/security` lists. Give it the list of `@fastify/cors` when you register that yourself.
   */
  readonly allowedOrigins?: OriginRule
  readonly authorizeResource?: AuthorizeResource
  /** Longest silence of an open stream, milliseconds. Default 15 s. */
  readonly keepAliveMs?: number
  /** How long clients are asked to wait before they resume a stream, milliseconds. Default 1 s. */
  readonly retryMs?: number
  /** How often `mcpAuth` is asked again about the credential that opened a stream, milliseconds; a revoked one ends it. Default 60 s. */
  readonly credentialCheckMs?: number
  /** How long `close()` waits for running requests, milliseconds. Default 5 s. */
  readonly closeTimeoutMs?: number
  readonly limits?: Partial<Limits>
}

/** Options with their defaults, and the application in its one form. */
export type Settings = Omit<Static<typeof McpStreamableOptionsSchema>, 'application' | 'revisions'> & {
  readonly application: McpApplication
  readonly revisions: readonly Revision[]
}

export function checkStreamableOptions (options: unknown): Settings {
  const checked = checkOptions(McpStreamableOptionsSchema, options, sentence => new MCP_ENDPOINT_BAD_OPTION(sentence))
  const application = typeof checked.application === 'function'
    ? { revisions: REVISIONS, accept: checked.application }
    : checked.application
  const wanted = checked.revisions ?? REVISIONS
  // HTTP+SSE has endpoints of its own, yet its clients may negotiate that revision here (L1–L4).
  const revisions = REVISIONS.filter(revision => wanted.includes(revision) && application.revisions.includes(revision))
  if (revisions.length === 0) throw new MCP_ENDPOINT_BAD_OPTION('option revisions has nothing in common with those of the application')
  if (checked.sessions && !revisions.some(revision => eraOf(revision) === 'legacy')) checked.sessions = false
  return { ...checked, application, revisions }
}

function isApplication (value: unknown): boolean {
  if (typeof value === 'function') return true
  return hasMethods(value, 'accept') && isList(Reflect.get(Object(value), 'revisions'))
}

function applicationFault (value: unknown): string | undefined {
  const fault = typeof value === 'function' ? undefined : revisionsFault(Reflect.get(Object(value), 'revisions'))
  return fault === undefined ? undefined : `is an application whose list of revisions ${fault}`
}

function isList (value: unknown): boolean {
  return Array.isArray(value) && value.length > 0
}

function isRule (value: unknown): boolean {
  return typeof value === 'function' || (Array.isArray(value) && value.every(entry => typeof entry === 'string' && entry !== ''))
}

function isSerializers (value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.values(value).every(isFunction)
}

function isFunction (value: unknown): boolean {
  return typeof value === 'function'
}
