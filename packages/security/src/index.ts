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
