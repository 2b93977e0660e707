import { isIPv6 } from 'node:net'
import type { Config } from './config.ts'

/** Stands for the key people have. */
const A_KEY = 'YOUR_API_KEY'

const WILDCARDS: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '[::1]' }

/** The URL a client can use: the one it was told, or one on this machine; `port` is the one that was bound. */
export function endpointUrl (config: Config, port: number): string {
  if (config.publicUrl !== undefined) return config.publicUrl
  const host = WILDCARDS[config.host] ?? (isIPv6(config.host) ? `[${config.host}]` : config.host)
  return `http://${host}:${port}${config.path}`
}

function callers ({ auth }: Config): string {
  if (auth.mode === 'off') return 'anybody who reaches it (MCP_AUTH is off)'
  const { apiKeys, jwt, introspection } = auth.options
  const keys = apiKeys?.file === undefined ? [] : [`API keys in ${apiKeys.file}`]
  const issuers = [...[jwt ?? []].flat(), ...(introspection === undefined ? [] : [introspection])]
  return [...issuers.map(({ issuer }) => `${auth.mode === 'jwt' ? 'JWTs' : 'tokens'} of ${issuer}`), ...keys].join(', ')
}

/** What the server prints once it listens: where it is, and configuration to paste into a client. */
export function banner (config: Config, port: number): string {
  const url = endpointUrl(config, port)
  const withKey = config.auth.mode === 'api-key'
  const headers = withKey ? { headers: { Authorization: `Bearer ${A_KEY}` } } : {}
  const clientConfiguration = { mcpServers: { reference: { type: 'http', url, ...headers } } }
  return [
    '',
    `MCP reference server (${config.application} application, sessions ${config.sessions ? 'on' : 'off'})`,
    '',
    `  Endpoint     ${url}`,
    ...(config.legacySse ? [`  HTTP+SSE     ${url.slice(0, -config.path.length)}/sse`] : []),
    ...(config.console ? [`  Console      ${url.slice(0, -config.path.length)}/`] : []),
    `  Who calls    ${callers(config)}`,
    `  Claude Code  claude mcp add --transport http reference ${url}${withKey ? ` --header "Authorization: Bearer ${A_KEY}"` : ''}`,
    '',
    'Client configuration:',
    '',
    JSON.stringify(clientConfiguration, null, 2),
    '',
    ''
  ].join('\n')
}
