import './augment.ts'

export type { ChangeNotification, McpEndpoint } from './endpoint.ts'
export * from './errors.ts'
export type { RunnableExchange } from './exchange-host.ts'
export { guardFault, isLoopbackAddress, type GuardPolicy, type HostRule, type OriginRule } from './guard.ts'
export { McpStreamableOptionsSchema, type AuthorizeResource, type Limits, type McpStreamableOptions } from './options.ts'
export { default, mcpStreamable } from './plugin.ts'
