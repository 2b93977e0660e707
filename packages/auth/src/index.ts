import './augment.ts'

export { createApiKey, hashApiKey, type ApiKey, type NewApiKeyOptions } from './api-keys/api-key.ts'
export type { FindApiKey } from './api-keys/key-ring.ts'
export type { ApiKeyOptions } from './api-keys/options.ts'
export type { Authorize, Verdict } from './authorization/gate.ts'
export type { AuthorizationRule, DefaultPolicy } from './authorization/rule.ts'
export type { ScopeHierarchy } from './authorization/scopes.ts'
export type { CustomAnswer, CustomAuthenticate } from './custom.ts'
export * from './errors.ts'
export type { IntrospectionOptions } from './introspection/options.ts'
export type { JwtAlgorithm } from './jwt/algorithms.ts'
export type { JwtOptions } from './jwt/options.ts'
export {
  McpAuthOptionsSchema, type CustomOptions, type McpAuthOptions, type MetadataOptions, type ScopeOptions
} from './options.ts'
export { createOutgoing, type Outgoing, type OutgoingOptions, type OutgoingRequest, type OutgoingResponse } from './outgoing/index.ts'
export { default, mcpAuth } from './plugin.ts'
