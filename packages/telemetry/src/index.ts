import './augment.ts'

export * from './errors.ts'
export { McpTelemetryOptionsSchema, type IncomingContext, type McpTelemetryOptions } from './options.ts'
export type { Outcome } from './outcome.ts'
export { default, mcpTelemetry } from './plugin.ts'
export type { TelemetrySnapshot } from './snapshot.ts'
export type { McpTelemetry } from './telemetry.ts'
