import { type Static, Type } from '@sinclair/typebox'

const HOST_NAME = '(?:[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\\[[0-9A-Fa-f:.]+\\])'
const PORT_SUFFIX = '(?::[0-9]{1,5})?'
// A whole scheme can be listed for browser extensions, whose ids differ; all of the web cannot.
const ORIGIN = `(?!https?://\\*)[a-z][a-z0-9+.-]*://(?:\\*|${HOST_NAME}${PORT_SUFFIX})`
// Addresses of ours and of issuers: https, or http on this machine.
const LOOPBACK_NAME = '(?:localhost|127(?:\\.[0-9]{1,3}){3}|\\[::1\\])'
const WEB_URL = `^(?:https://${HOST_NAME}|http://${LOOPBACK_NAME})${PORT_SUFFIX}(?:/[^\\s?#]*)?$`
const webUrl = (what: string) => ({ pattern: WEB_URL, description: `${what} (https, or http on this machine; no query, no credentials)` })
const text = (description: string) => ({ pattern: '\\S', description })

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
  MCP_LEGACY_SSE: Type.Union([Type.Literal('on'), Type.Literal('off')], { default: 'off', description: 'on or off' }),
  MCP_STORAGE: Type.String({
    default: 'sqlite:./.mcp-data',
    pattern: '^(?:memory:|sqlite:.+|rediss?://.+)$',
    description: 'memory:, sqlite:PATH, or a URL like redis://user:password@host:6379/0 (rediss:// for TLS)'
  }),
  MCP_ALLOWED_HOSTS: Type.Optional(Type.String({
    pattern: listOf(`${HOST_NAME}${PORT_SUFFIX}`),
    description: 'host names separated by commas, such as mcp.example.com,localhost:8080'
  })),
  MCP_ALLOWED_ORIGINS: Type.Optional(Type.String({
    pattern: listOf(ORIGIN),
    description: 'origins separated by commas, such as https://app.example.com,moz-extension://*'
  })),
  MCP_PUBLIC_URL: Type.Optional(Type.String(webUrl('the URL clients use, such as https://mcp.example.com/mcp'))),
  MCP_ALLOW_PUBLIC: Type.Union([Type.Literal('on'), Type.Literal('off')], { default: 'off', description: 'on or off' }),
  MCP_RATE_LIMIT: Type.Optional(Type.String({
    pattern: '^(?:off|[1-9][0-9]{0,8}/(?:second|minute|hour))$',
    description: 'off, or a number of requests like 600/minute (second, minute, hour)'
  })),
  MCP_TRUSTED_PROXIES: Type.Optional(Type.String({
    pattern: listOf('(?:loopback|linklocal|uniquelocal|[0-9A-Fa-f.:]+(?:/[0-9]{1,3})?)'),
    description: 'addresses or networks separated by commas, such as 10.0.0.0/8,loopback'
  })),
  MCP_AUTH: Type.Union([Type.Literal('off'), Type.Literal('api-key'), Type.Literal('jwt'), Type.Literal('introspection')], {
    default: 'off',
    description: 'off, api-key, jwt or introspection'
  }),
  MCP_API_KEYS_FILE: Type.Optional(Type.String(text('the path of a JSON file with API keys'))),
  MCP_JWT_ISSUER: Type.Optional(Type.String(webUrl('the issuer of tokens, exactly as they name it, such as https://id.example.com'))),
  MCP_JWT_AUDIENCE: Type.Optional(Type.String(text('what tokens name as their audience'))),
  MCP_JWKS_URL: Type.Optional(Type.String(webUrl('the URL of the keys of the issuer'))),
  MCP_INTROSPECTION_URL: Type.Optional(Type.String(webUrl('the URL where the issuer is asked about tokens'))),
  MCP_INTROSPECTION_ISSUER: Type.Optional(Type.String(webUrl('the issuer of tokens, such as https://id.example.com'))),
  MCP_INTROSPECTION_CLIENT_ID: Type.Optional(Type.String(text('the client id of this server at the issuer'))),
  MCP_INTROSPECTION_CLIENT_SECRET: Type.Optional(Type.String(text('the client secret of this server at the issuer'))),
  MCP_PRIVATE_ISSUERS: Type.Optional(Type.String({
    pattern: listOf(`(?:${HOST_NAME}${PORT_SUFFIX}|[0-9A-Fa-f.:]+/[0-9]{1,3})`),
    description: 'hosts or networks separated by commas, such as id.internal.example,10.1.0.0/16'
  })),
  MCP_METRICS: Type.Union([Type.Literal('on'), Type.Literal('off')], { default: 'off', description: 'on or off' }),
  MCP_SPANS: Type.Union([Type.Literal('on'), Type.Literal('off')], { default: 'off', description: 'on or off' }),
  MCP_CONSOLE: Type.Optional(Type.Union([Type.Literal('on'), Type.Literal('off')], { description: 'on or off' })),
  MCP_LOCAL_ADMIN: Type.Union([Type.Literal('on'), Type.Literal('off')], { default: 'off', description: 'on or off' }),
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

/** Values that are shown to nobody. */
export const SECRETS: readonly string[] = ['MCP_INTROSPECTION_CLIENT_SECRET']

function listOf (item: string): string {
  return `^\\s*${item}(?:\\s*,\\s*${item})*\\s*$`
}

/** The items of a list. */
export function itemsOf (list: string): string[] {
  return list.split(',').map(item => item.trim())
}
