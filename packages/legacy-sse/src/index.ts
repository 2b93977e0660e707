export * from './errors.ts'
export { McpLegacySseOptionsSchema, type McpLegacySseOptions } from './options.ts'
export { default, mcpLegacySse } from './plugin.ts'
