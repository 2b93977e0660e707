/**
 * The SDK converts schemas of zod and other libraries to JSON Schema, and names the dialect in each: 2020-12, which is MCP's default. Some
 * validators of clients reject the keyword (Genkit's), so it is left out where the application did not write it.
 */
import { isObject, type JsonObject } from '@mcp/protocol'

const DEFAULT_DIALECT = 'https://json-schema.org/draft/2020-12/schema'

/** `~standard.vendor` of `fromJsonSchema()`: the application wrote the JSON Schema itself. */
const WRITTEN = 'mcp'

/** The tools of an `McpServer`, by the server that it wraps. */
const registries = new WeakMap<object, object>()

/** @param product What the factory returned. Only an `McpServer` converts schemas; the lists of a `Server` are the application's own. */
export function rememberTools (server: object, product: object): void {
  const tools: unknown = Reflect.get(product, '_registeredTools')
  if (typeof tools === 'object' && tools !== null) registries.set(server, tools)
}

/** The result of `tools/list`, or the same object where there is nothing to leave out. */
export function withoutGeneratedDialect (server: object, result: JsonObject): JsonObject {
  const registry = registries.get(server)
  if (registry === undefined || !Array.isArray(result.tools)) return result
  let changed = false
  const tools = result.tools.map(tool => {
    if (!isObject(tool) || typeof tool.name !== 'string') return tool
    const registered: unknown = Reflect.get(registry, tool.name)
    const [input, output] = [strip(tool, 'inputSchema', registered), strip(tool, 'outputSchema', registered)]
    if (input === undefined && output === undefined) return tool
    changed = true
    return { ...tool, ...input, ...output }
  })
  return changed ? { ...result, tools } : result
}

function strip (tool: JsonObject, member: 'inputSchema' | 'outputSchema', registered: unknown): JsonObject | undefined {
  const schema = tool[member]
  if (!isObject(schema) || schema.$schema !== DEFAULT_DIALECT || isWritten(registered, member)) return undefined
  const { $schema: _dialect, ...rest } = schema
  return { [member]: rest }
}

function isWritten (registered: unknown, member: string): boolean {
  if (typeof registered !== 'object' || registered === null) return true
  const source: unknown = Reflect.get(registered, member)
  const standard: unknown = typeof source === 'object' && source !== null ? Reflect.get(source, '~standard') : undefined
  return typeof standard !== 'object' || standard === null || Reflect.get(standard, 'vendor') === WRITTEN
}
