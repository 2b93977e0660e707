/** Variables that are right by themselves and wrong together. */
import { VariablesSchema, type Variables } from './variables.ts'

type Mode = 'api-key' | 'jwt' | 'introspection'
type Name = keyof Variables

const NEEDED: Readonly<Record<Mode, readonly Name[]>> = {
  'api-key': ['MCP_API_KEYS_FILE'],
  jwt: ['MCP_JWT_ISSUER', 'MCP_PUBLIC_URL'],
  introspection: [
    'MCP_INTROSPECTION_URL', 'MCP_INTROSPECTION_ISSUER', 'MCP_INTROSPECTION_CLIENT_ID', 'MCP_INTROSPECTION_CLIENT_SECRET', 'MCP_PUBLIC_URL'
  ]
}

const ALLOWED: Readonly<Record<Mode, readonly Name[]>> = {
  'api-key': [],
  jwt: ['MCP_API_KEYS_FILE', 'MCP_JWT_AUDIENCE', 'MCP_JWKS_URL', 'MCP_PRIVATE_ISSUERS'],
  introspection: ['MCP_API_KEYS_FILE', 'MCP_JWT_AUDIENCE', 'MCP_PRIVATE_ISSUERS']
}

/** One line each, with what to change. */
export function dependencyFaults (variables: Variables, local: boolean): string[] {
  return [...missingCompanions(variables), ...idleCompanions(variables), ...exposure(variables, local), ...onePath(variables)]
}

/** Two things cannot be at one path. */
function onePath ({ MCP_CONSOLE, MCP_METRICS, MCP_PATH }: Variables): string[] {
  if (MCP_METRICS === 'on' && MCP_PATH === '/metrics') return ['MCP_METRICS is "on" and MCP_PATH is "/metrics", but both want that path: set MCP_PATH to another one, such as /mcp']
  if (MCP_CONSOLE !== 'on' || MCP_PATH !== '/') return []
  return ['MCP_CONSOLE is "on" and MCP_PATH is "/", but both want that path: set MCP_PATH to another one, such as /mcp, or MCP_CONSOLE to off']
}

function missingCompanions (variables: Variables): string[] {
  const { MCP_AUTH: mode } = variables
  if (!isMode(mode)) return []
  return NEEDED[mode].filter(name => variables[name] === undefined)
    .map(name => `${name} is not set, but MCP_AUTH is "${mode}": it has to be ${VariablesSchema.properties[name].description}`)
}

/** Whoever names an issuer expects that tokens are asked for; a server that asks nobody must not start then. */
function idleCompanions (variables: Variables): string[] {
  const { MCP_AUTH: mode } = variables
  const used: readonly Name[] = isMode(mode) ? [...NEEDED[mode], ...ALLOWED[mode]] : ['MCP_PUBLIC_URL']
  const companions = new Set([...Object.values(NEEDED), ...Object.values(ALLOWED)].flat())
  return [...companions].filter(name => name !== 'MCP_PUBLIC_URL' && variables[name] !== undefined && !used.includes(name))
    .map(name => `${name} is set, but MCP_AUTH is "${String(mode)}": set MCP_AUTH to ${modesWith(name).join(' or ')}, or leave ${name} out`)
}

/** What everybody can reach and nobody guards is not started by mistake (H-5). */
function exposure (variables: Variables, local: boolean): string[] {
  const { HOST, MCP_ALLOWED_HOSTS, MCP_ALLOWED_ORIGINS, MCP_PUBLIC_URL, MCP_AUTH, MCP_ALLOW_PUBLIC } = variables
  const guarded = [MCP_ALLOWED_HOSTS, MCP_ALLOWED_ORIGINS, MCP_PUBLIC_URL].some(value => value !== undefined)
  if (local || guarded || MCP_AUTH !== 'off' || MCP_ALLOW_PUBLIC === 'on') return []
  return [`HOST is "${HOST}", which other machines can reach, and nothing says who may call: set MCP_AUTH, MCP_ALLOWED_HOSTS or MCP_ALLOWED_ORIGINS, ` +
    'or MCP_ALLOW_PUBLIC=on if everybody may']
}

function isMode (mode: unknown): mode is Mode {
  return typeof mode === 'string' && Object.hasOwn(NEEDED, mode)
}

function modesWith (name: Name): string[] {
  return Object.keys(NEEDED).filter(isMode).filter(mode => [...NEEDED[mode], ...ALLOWED[mode]].includes(name))
}
