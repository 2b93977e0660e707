import type { FastifyHelmetOptions } from '@fastify/helmet'
import { Type, type TSchema } from '@sinclair/typebox'
import { Judged } from './check-options.ts'
import type { OriginRule } from './origins.ts'
import type { RedisClient } from './redis-counters.ts'
import { windowMs, type TimeWindow } from './time-window.ts'

const off = (object: TSchema): TSchema => Type.Union([Type.Literal(false), object], { expected: 'false or an object' })
const closed = { additionalProperties: false, expected: 'an object' }
const integer = (minimum: number): TSchema => Type.Optional(Type.Integer({ minimum, expected: `an integer of at least ${minimum}` }))
const names = Type.Optional(Judged('a list of non-empty strings', isNames))
const timeWindow = Type.Optional(Judged('milliseconds, or words such as "10 seconds" or "1 minute"', value => windowMs(value) !== null))
const rules = Type.Optional(Type.Record(Type.String(), Type.Object({
  max: Type.Integer({ minimum: 1, expected: 'an integer of at least 1' }), timeWindow
}, { additionalProperties: false, expected: 'an object with "max"' }), { expected: 'an object of limits by name' }))

export const McpSecurityOptionsSchema = Type.Object({
  helmet: Type.Optional(off(Type.Object({}, { additionalProperties: true, expected: 'an object' }))),
  cors: Type.Optional(off(Type.Object({
    allowedOrigins: Type.Optional(Judged('a list of origins or a function (origin) => boolean', isRule)),
    credentials: Type.Optional(Type.Boolean({ expected: 'true or false' })),
    maxAgeS: integer(0),
    methods: names,
    allowedHeaders: names,
    exposedHeaders: names
  }, closed))),
  rateLimit: Type.Optional(off(Type.Object({
    address: Type.Optional(off(Type.Object({
      max: integer(1),
      timeWindow,
      allowList: names,
      ipv6Subnet: Type.Optional(Type.Integer({ minimum: 1, maximum: 128, expected: 'an integer from 1 to 128' }))
    }, closed))),
    principal: Type.Optional(off(Type.Object({ max: integer(1), timeWindow }, closed))),
    methods: rules,
    tools: rules,
    redis: Type.Optional(Judged('a client of ioredis', isRedisClient)),
    keyPrefix: Type.Optional(Type.String({ expected: 'a string' })),
    cache: integer(1)
  }, closed))),
  concurrency: Type.Optional(off(Type.Object({ perCaller: integer(1), total: integer(1) }, closed))),
  notifications: Type.Optional(off(Type.Object({
    progress: Type.Optional(off(Type.Object({ max: integer(1), timeWindow }, closed))),
    log: Type.Optional(off(Type.Object({ max: integer(1), timeWindow }, closed)))
  }, closed)))
}, closed)

/** At most `max` within a window of time. */
export interface LimitRule {
  readonly max: number
  /** Milliseconds, or words such as `10 seconds` and `1 minute`. Default one minute. */
  readonly timeWindow?: TimeWindow
}

/** The limit before authentication. */
export interface AddressRule extends Partial<LimitRule> {
  /** Addresses that are not counted, such as the egress of a client's maker. */
  readonly allowList?: readonly string[]
  /** IPv6 addresses count together by so many leading bits. Default 64. */
  readonly ipv6Subnet?: number
}

/** Options of `cors`. */
export interface CorsOptions {
  /**
   * Pages that may call. Endpoints in the scope without `allowedOrigins` allow them, too. Default: what `allowedOrigins` of the endpoints
   * lists, and pages of this machine while the server listens only on loopback addresses.
   */
  readonly allowedOrigins?: OriginRule
  /** Whether browsers may send cookies along. Default `false`; MCP needs none. */
  readonly credentials?: boolean
  /** How long browsers may remember a preflight, seconds. Default 600. */
  readonly maxAgeS?: number
  /** Default `GET`, `POST`, `DELETE`. */
  readonly methods?: readonly string[]
  /** Request headers beside those of MCP. */
  readonly allowedHeaders?: readonly string[]
  /** Reply headers beside those of MCP. */
  readonly exposedHeaders?: readonly string[]
}

/** Options of `rateLimit`. */
export interface RateLimitOptions {
  /** Every request, before authentication, by address. Default 600 a minute. */
  readonly address?: false | AddressRule
  /** Every request after authentication, by principal. Default 1,200 a minute. */
  readonly principal?: false | Partial<LimitRule>
  /** By JSON-RPC method, per principal (or address): `{ 'tools/call': { max: 60 } }`. */
  readonly methods?: Readonly<Record<string, LimitRule>>
  /** By tool name, per principal (or address). */
  readonly tools?: Readonly<Record<string, LimitRule>>
  /** An `ioredis` client: what is counted is shared by every node that has one for the same Redis. */
  readonly redis?: RedisClient
  /** Begins every key in Redis. Default `mcp-limit:`. */
  readonly keyPrefix?: string
  /** How many counts a node keeps in memory. Default 10,000. */
  readonly cache?: number
}

/** Options of `concurrency`. */
export interface ConcurrencyOptions {
  /**
   * Calls of one principal (or address) that run; more get 429. A call counts until the application has let go of it, also when its client
   * has hung up, and over HTTP+SSE. A batch counts as its number of requests. Default 100.
   */
  readonly perCaller?: number
  /** Calls of all callers that run; more get 503. Default: no cap. */
  readonly total?: number
}

/** Options of `notifications`: how often the application may speak unasked. A window is one second unless `timeWindow` says otherwise. */
export interface NotificationOptions {
  /** Reports of progress for one request, or to one session outside of any; beyond, the newest waits. Default 50 a second. */
  readonly progress?: false | Partial<LimitRule>
  /** Log messages for one request, or to one session outside of any; beyond, they are left out. Default 100 a second. */
  readonly log?: false | Partial<LimitRule>
}

/** Options of the plugin `mcpSecurity`; `false` leaves a part out. */
export interface McpSecurityOptions {
  /** Options of `@fastify/helmet`, over defaults for an endpoint whose replies are data. */
  readonly helmet?: false | FastifyHelmetOptions
  readonly cors?: false | CorsOptions
  readonly rateLimit?: false | RateLimitOptions
  readonly concurrency?: false | ConcurrencyOptions
  readonly notifications?: false | NotificationOptions
}

function isRule (value: unknown): boolean {
  return typeof value === 'function' || isNames(value)
}

function isNames (value: unknown): boolean {
  return Array.isArray(value) && value.every(entry => typeof entry === 'string' && entry !== '')
}

function isRedisClient (value: unknown): boolean {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'defineCommand') === 'function' && 'status' in value
}
