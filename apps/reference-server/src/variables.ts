import { type Static, Type } from '@sinclair/typebox'

const HOST_NAME = '(?:[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\\[[0-9A-Fa-f:.]+\\])'
const PORT_SUFFIX = '(?::[0-9]{1,5})?'
// A whole scheme can be listed for browser extensions, whose ids differ; all of the web cannot.
const ORIGIN = `(?!https?://\\*)[a-z][a-z0-9+.-]*://(?:\\*|${HOST_NAME}${PORT_SUFFIX})`

/**
 * The environment variables. Each description is the expected form, as a bad value's message names it; `README.md` has
 * the table for readers.
 */
export const VariablesSchema = Type.Object({
  HOST: Type.String({
    default: '127.0.0.1',
    pattern: '^[A-Za-z0-9:][A-Za-z0-9.:_-]*$',
    description: 'a host name or an IP address, such as 127.0.0.1, ::1 or 0.0.0.0'
  }),
  PORT: Type.Integer({ default: 3000, minimum: 0, maximum: 65535, description: 'a port number from 0 (any free one) to 65535' }),
  MCP_PATH: Type.String({
    default: '/mcp',
    pattern: '^(?:/|(?:/[A-Za-z0-9._~-]+)+)$',
    description: 'a path that starts with / and does not end with one, such as /mcp'
  }),
  MCP_APPLICATION: Type.Union([Type.Literal('sdk'), Type.Literal('raw')], { default: 'sdk', description: 'sdk or raw' }),
  MCP_SESSIONS: Type.Union([Type.Literal('on'), Type.Literal('off')], { default: 'on', description: 'on or off' }),
  MCP_STORAGE: Type.String({
    default: 'lmdb:./.mcp-data',
    pattern: '^(?:memory:|lmdb:.+|rediss?://.+)$',
    description: 'memory:, lmdb:PATH, or a URL like redis://user:password@host:6379/0 (rediss:// for TLS)'
  }),
  MCP_ALLOWED_HOSTS: Type.Optional(Type.String({
    pattern: listOf(`${HOST_NAME}${PORT_SUFFIX}`),
    description: 'host names separated by commas, such as mcp.example.com,localhost:8080'
  })),
  MCP_ALLOWED_ORIGINS: Type.Optional(Type.String({
    pattern: listOf(ORIGIN),
    description: 'origins separated by commas, such as https://app.example.com,moz-extension://*'
  })),
  MCP_DRAIN_MS: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: 300_000,
    description: 'milliseconds from 0 to 300000'
  }),
  LOG_LEVEL: Type.Union(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'].map(level => Type.Literal(level)), {
    default: 'info',
    description: 'fatal, error, warn, info, debug, trace or silent'
  })
})

export type Variables = Static<typeof VariablesSchema>

function listOf (item: string): string {
  return `^\\s*${item}(?:\\s*,\\s*${item})*\\s*$`
}
