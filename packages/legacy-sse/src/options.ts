import { checkOptions, type LogSerializers } from '@mcp/streamable-core'
import { Type, type Static } from '@sinclair/typebox'
import type { LogLevel } from 'fastify'
import { MCP_LEGACY_SSE_BAD_OPTION } from './errors.ts'

const path = (fallback: string): ReturnType<typeof Type.String> =>
  Type.String({ pattern: '^/', default: fallback, expected: 'a path that starts with "/"' })

export const McpLegacySseOptionsSchema = Type.Object({
  ssePath: path('/sse'),
  messagesPath: path('/messages'),
  prefix: Type.Optional(Type.String()),
  logLevel: Type.Optional(Type.Unsafe<LogLevel>(Type.String({ minLength: 1, expected: 'a level of the logger, such as "warn"' }))),
  logSerializers: Type.Optional(Type.Unsafe<LogSerializers>(Type.Object({}, { expected: 'an object of functions' }))),
  publicUrl: Type.Optional(Type.String({ pattern: '^(?:/|https?://[^/?#]+)[^?#]*$', expected: 'a path or an absolute http(s) URL, without query' })),
  shareEndpoint: Type.Boolean({ default: false })
}, { additionalProperties: false })

/** Options of the plugin `mcpLegacySse`. */
export interface McpLegacySseOptions {
  /** Where clients open their stream with GET. Default `/sse`. */
  readonly ssePath?: string
  /** Where clients POST their messages. Default `/messages`. */
  readonly messagesPath?: string
  /** Prefix of both paths, as with every Fastify plugin: `/api`, `/api/` and `api` are the same. */
  readonly prefix?: string
  /** The lowest level at which the routes log, as with every Fastify plugin. Default: the level of the scope. */
  readonly logLevel?: LogLevel
  /** Serializers of the routes' request logs, as with every Fastify plugin. Your own `req` replaces ours, which leaves out the query. */
  readonly logSerializers?: LogSerializers
  /**
   * What stands before `messagesPath` where clients see it, when a proxy maps paths: `/api`, or `https://example.com/api`.
   * Default: the prefix this plugin is mounted at. Never taken from `X-Forwarded-*`.
   */
  readonly publicUrl?: string
  /** Opens a stream of this transport also for a GET on the endpoint itself that names no session. Default `false`. */
  readonly shareEndpoint?: boolean
}

export type Settings = Static<typeof McpLegacySseOptionsSchema>

export function checkLegacySseOptions (options: unknown): Settings {
  return checkOptions(McpLegacySseOptionsSchema, options, sentence => new MCP_LEGACY_SSE_BAD_OPTION(sentence))
}
