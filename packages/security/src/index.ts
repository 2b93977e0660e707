import './augment.ts'

export * from './errors.ts'
export {
  McpSecurityOptionsSchema, type AddressRule, type ConcurrencyOptions, type CorsOptions, type LimitRule, type McpSecurityOptions,
  type NotificationOptions, type RateLimitOptions
} from './options.ts'
export { isAllowedOrigin, isLoopbackAddress, type OriginRule } from './origins.ts'
export { default, mcpSecurity } from './plugin.ts'
export type { RedisClient } from './redis-counters.ts'
export { windowMs, type TimeWindow } from './time-window.ts'
/** Of `config.rateLimit` of any route in the scope; brings the types of `@fastify/rate-limit` with it. */
export type { RateLimitOptions as RouteRateLimitOptions } from '@fastify/rate-limit'
