import { isIPv6 } from 'node:net'
import type { Config } from './config.ts'

const WILDCARDS: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '[::1]' }

/** The URL a client on this machine can use; `port` is the one that was bound. */
export function endpointUrl (config: Config, port: number): string {
  const host = WILDCARDS[config.host] ?? (isIPv6(config.host) ? `[${config.host}]` : config.host)
  return `http://${host}:${port}${config.path}`
}

/** What the server prints once it listens: where it is, and configuration to paste into a client. */
export function banner (config: Config, port: number): string {
  const url = endpointUrl(config, port)
  const clientConfiguration = { mcpServers: { reference: { type: 'http', url } } }
  return [
    '',
    `MCP reference server (${config.application} application, sessions ${config.sessions ? 'on' : 'off'})`,
    '',
    `  Endpoint     ${url}`,
    `  Claude Code  claude mcp add --transport http reference ${url}`,
    '',
    'Client configuration:',
    '',
    JSON.stringify(clientConfiguration, null, 2),
    '',
    ''
  ].join('\n')
}
