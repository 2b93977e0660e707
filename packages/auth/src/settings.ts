/** Options that fit their schema, made into what the plugin works with; what makes no sense together is refused here. */
import { keyFault } from './api-keys/kept-key.ts'
import type { ApiKeyOptions } from './api-keys/options.ts'
import type { AuthorizationRule } from './authorization/rule.ts'
import { checkShape, missingAudience } from './check-options.ts'
import { customFromRequest } from './custom.ts'
import { MCP_AUTH_BAD_OPTION } from './errors.ts'
import { checkIssuer } from './jwt/check-issuer.ts'
import type { JwtOptions } from './jwt/options.ts'
import { canonicalResource } from './metadata/resource-metadata.ts'
import { McpAuthOptionsSchema, type CustomOptions, type McpAuthOptions } from './options.ts'
import { Reach } from './outgoing/index.ts'
import { checkTarget, checkWebUrl } from './urls.ts'

export interface Settings extends Omit<McpAuthOptions, 'jwt' | 'custom' | 'rules'> {
  readonly jwt: readonly JwtOptions[]
  readonly custom: CustomOptions | undefined
  readonly rules: readonly AuthorizationRule[]
  readonly authorizationServers: readonly string[]
}

/** @throws `MCP_AUTH_BAD_OPTION` */
export function checkAuthOptions (given: unknown): Settings {
  checkShape(McpAuthOptionsSchema, given)
  const options = given as McpAuthOptions
  const settings: Settings = {
    ...options,
    jwt: options.jwt === undefined ? [] : isList(options.jwt) ? options.jwt : [options.jwt],
    custom: customOf(options),
    rules: options.rules ?? [],
    authorizationServers: [...new Set(options.authorizationServers ?? defaultServers(options))]
  }
  if (settings.resource !== undefined) checkWebUrl('resource', settings.resource)
  const reach = new Reach(settings.outgoing)
  checkAuthenticators(settings, reach)
  checkMetadata(settings, reach)
  settings.rules.forEach((rule, index) => checkRule(rule, index, settings))
  return settings.resource === undefined ? settings : { ...settings, resource: canonicalResource(settings.resource) }
}

/** @throws `MCP_AUTH_BAD_OPTION` */
function customOf ({ custom, fromRequest, jwt, apiKeys, introspection }: McpAuthOptions): CustomOptions | undefined {
  if (fromRequest === undefined) return typeof custom === 'function' ? { authenticate: custom } : custom
  if ([custom, jwt, apiKeys, introspection].some(other => other !== undefined)) {
    throw new MCP_AUTH_BAD_OPTION('option "fromRequest" excludes "jwt", "apiKeys", "introspection" and "custom"; remove them, or "fromRequest"')
  }
  return { authenticate: customFromRequest(fromRequest), withoutToken: true }
}

/** Issuers clients can be sent to: those that publish something. */
function defaultServers ({ jwt = [], introspection }: McpAuthOptions): string[] {
  const publishing = (isList(jwt) ? jwt : [jwt]).filter(({ publicKey, secret }) => publicKey === undefined && secret === undefined)
  return [...publishing.map(({ issuer }) => issuer), ...introspection === undefined ? [] : [introspection.issuer]]
}

function checkAuthenticators (settings: Settings, reach: Reach): void {
  const { jwt, apiKeys, introspection, custom, resource } = settings
  if (jwt.length === 0 && apiKeys === undefined && introspection === undefined && custom === undefined) {
    throw new MCP_AUTH_BAD_OPTION('at least one of "jwt", "apiKeys", "introspection", "custom" is needed')
  }
  for (const issuer of jwt) checkIssuer(issuer, resource, reach)
  if (new Set(jwt.map(({ issuer }) => issuer)).size < jwt.length) throw new MCP_AUTH_BAD_OPTION('option "jwt" names an issuer twice')
  if (apiKeys !== undefined) checkApiKeys(apiKeys)
  if (introspection !== undefined) {
    checkTarget('introspection.url', introspection.url, reach)
    if (introspection.audience === undefined && resource === undefined) throw missingAudience('introspection')
  }
  if (custom !== undefined && introspection !== undefined && custom.accepts === undefined && custom.withoutToken !== true) {
    throw new MCP_AUTH_BAD_OPTION('option "custom" would never be asked beside "introspection"; say by "custom.accepts" which tokens are its own')
  }
}

function checkApiKeys ({ keys, file, find }: ApiKeyOptions): void {
  if ([keys, file, find].filter(one => one !== undefined).length !== 1) {
    throw new MCP_AUTH_BAD_OPTION('option "apiKeys" must have exactly one of "keys", "file", "find"')
  }
  for (const [index, key] of (keys ?? []).entries()) {
    const fault = keyFault(key)
    if (fault !== null) throw new MCP_AUTH_BAD_OPTION(`option "apiKeys.keys.${index}" ${fault}`)
  }
}

function checkMetadata ({ authorizationServers, resource, metadata }: Settings, reach: Reach): void {
  if (authorizationServers.length === 0) return
  if (resource === undefined) throw new MCP_AUTH_BAD_OPTION('option "resource" is missing; it must be the URL clients use, such as https://mcp.example.com/mcp')
  const mirrored = metadata?.mirror !== false
  for (const [index, url] of authorizationServers.entries()) {
    if (index === 0 && mirrored) checkTarget('authorizationServers', url, reach)
    else checkWebUrl('authorizationServers', url)
  }
}

function checkRule (rule: AuthorizationRule, index: number, { defaultPolicy }: Settings): void {
  const named = [rule.method, rule.tool, rule.prompt, rule.resource].filter(one => one !== undefined)
  if (named.length !== 1) throw new MCP_AUTH_BAD_OPTION(`option "rules.${index}" must have exactly one of "method", "tool", "prompt", "resource"`)
  if (rule.scopes.length === 0 && defaultPolicy !== 'deny') {
    throw new MCP_AUTH_BAD_OPTION(`option "rules.${index}.scopes" must name at least one scope; a rule without scopes needs "defaultPolicy": "deny"`)
  }
  if (rule.hidden === true && rule.method !== undefined) throw new MCP_AUTH_BAD_OPTION(`option "rules.${index}.hidden" is for tools, prompts and resources`)
}

function isList<T> (value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value)
}
