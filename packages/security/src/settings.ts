/** Options, checked and with their defaults. */
import type { FastifyHelmetOptions } from '@fastify/helmet'
import type { Pace } from '@mcp/protocol'
import { problemOf } from './check-options.ts'
import { MCP_SECURITY_BAD_OPTION } from './errors.ts'
import {
  McpSecurityOptionsSchema, type AddressRule, type ConcurrencyOptions, type CorsOptions, type LimitRule, type McpSecurityOptions,
  type NotificationOptions, type RateLimitOptions
} from './options.ts'
import type { OriginRule } from './origins.ts'
import type { RedisClient } from './redis-counters.ts'
import { windowMs } from './time-window.ts'

export type CorsSettings = Required<Omit<CorsOptions, 'allowedOrigins'>> & { readonly allowedOrigins: OriginRule | undefined }

/** A rule as it is applied. */
export interface Limit {
  readonly max: number
  readonly windowMs: number
}

export interface AddressLimit extends Limit {
  readonly allowList: readonly string[]
}

export interface RateLimitSettings {
  readonly address: AddressLimit | null
  readonly principal: Limit | null
  readonly methods: ReadonlyMap<string, Limit>
  readonly tools: ReadonlyMap<string, Limit>
  readonly redis: RedisClient | undefined
  readonly keyPrefix: string
  readonly cache: number
}

export interface ConcurrencySettings {
  readonly perCaller: number
  readonly total: number
}

/** `null`: switched off. */
export interface Settings {
  readonly helmet: FastifyHelmetOptions | null
  readonly cors: CorsSettings | null
  readonly rateLimit: RateLimitSettings | null
  readonly concurrency: ConcurrencySettings | null
  readonly pace: Pace | null
  readonly ipv6Subnet: number
}

const SECOND = 1000
const MINUTE = 60 * SECOND
const ADDRESS_MAX = 600
const PRINCIPAL_MAX = 1_200
const PROGRESS_MAX = 50
const LOG_MAX = 100
/** What one subscriber of an IPv6 network usually has for itself. */
const IPV6_SUBNET = 64

/** @throws `MCP_SECURITY_BAD_OPTION` */
export function settingsFrom (given: unknown): Settings {
  const problem = problemOf(McpSecurityOptionsSchema, given)
  if (problem !== undefined) throw new MCP_SECURITY_BAD_OPTION(problem)
  const { helmet = {}, cors = {}, rateLimit = {}, concurrency = {}, notifications = {} } = given as McpSecurityOptions
  return {
    helmet: helmet === false ? null : helmet,
    cors: cors === false ? null : corsFrom(cors),
    rateLimit: rateLimit === false ? null : rateLimitFrom(rateLimit),
    concurrency: concurrency === false ? null : concurrencyFrom(concurrency),
    pace: notifications === false ? null : paceFrom(notifications),
    ipv6Subnet: ipv6SubnetFrom(rateLimit)
  }
}

function corsFrom (options: CorsOptions): CorsSettings {
  const {
    allowedOrigins, credentials = false, maxAgeS = 600, methods = ['GET', 'POST', 'DELETE'], allowedHeaders = [], exposedHeaders = []
  } = options
  if (credentials && Array.isArray(allowedOrigins) && allowedOrigins.includes('*')) {
    throw new MCP_SECURITY_BAD_OPTION('option "cors.credentials" must be false where "cors.allowedOrigins" allows every page')
  }
  return { allowedOrigins, credentials, maxAgeS, methods, allowedHeaders, exposedHeaders }
}

function rateLimitFrom (options: RateLimitOptions): RateLimitSettings {
  const { address = {}, principal = {}, methods = {}, tools = {}, redis, keyPrefix = 'mcp-limit:', cache = 10_000 } = options
  return {
    address: address === false ? null : { ...limitFrom({ max: ADDRESS_MAX, ...defined(address) }), allowList: address.allowList ?? [] },
    principal: principal === false ? null : limitFrom({ max: PRINCIPAL_MAX, ...defined(principal) }),
    methods: limitsFrom(methods),
    tools: limitsFrom(tools),
    redis,
    keyPrefix,
    cache
  }
}

function ipv6SubnetFrom (rateLimit: McpSecurityOptions['rateLimit']): number {
  const address = typeof rateLimit === 'object' ? rateLimit.address : undefined
  return (typeof address === 'object' ? address.ipv6Subnet : undefined) ?? IPV6_SUBNET
}

function concurrencyFrom ({ perCaller = 100, total = Infinity }: ConcurrencyOptions): ConcurrencySettings {
  return { perCaller, total }
}

function paceFrom ({ progress = {}, log = {} }: NotificationOptions): Pace {
  return {
    progress: progress === false ? null : limitFrom({ max: PROGRESS_MAX, timeWindow: SECOND, ...defined(progress) }),
    log: log === false ? null : limitFrom({ max: LOG_MAX, timeWindow: SECOND, ...defined(log) })
  }
}

function limitsFrom (rules: Readonly<Record<string, LimitRule>>): ReadonlyMap<string, Limit> {
  return new Map(Object.entries(rules).map(([name, rule]) => [name, limitFrom(rule)]))
}

function limitFrom ({ max, timeWindow = MINUTE }: LimitRule): Limit {
  return { max, windowMs: windowMs(timeWindow) ?? MINUTE }
}

function defined ({ max, timeWindow }: AddressRule): Partial<LimitRule> {
  return { ...(max !== undefined && { max }), ...(timeWindow !== undefined && { timeWindow }) }
}
