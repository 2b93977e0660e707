/** From settings to authenticators. */
import { ApiKeyAuthenticator } from './api-keys/authenticator.ts'
import { KeyFile, type KeyFileLog } from './api-keys/key-file.ts'
import { keptKey } from './api-keys/kept-key.ts'
import { FunctionKeyRing, MemoryKeyRing, type KeyRing } from './api-keys/key-ring.ts'
import type { ApiKeyOptions } from './api-keys/options.ts'
import { CustomAuthenticator } from './custom.ts'
import type { Desks } from './gate.ts'
import { IntrospectionAuthenticator } from './introspection/authenticator.ts'
import type { IntrospectionOptions } from './introspection/options.ts'
import { introspect } from './introspection/question.ts'
import { JwtAuthenticator } from './jwt/authenticator.ts'
import { trustedIssuer, type IssuerSurroundings } from './jwt/issuers.ts'
import type { Settings } from './settings.ts'

const KEY_PREFIX = 'mcp_'
const KEY_RING = 'api-keys'
const POLL_MS = 1000
const SKEW_S = 30
const CACHE_S = 30
const CACHE_TOKENS = 1000

export interface OpenDesks {
  readonly desks: Desks
  close (): Promise<void>
}

/** @throws `MCP_AUTH_BAD_KEY_FILE` */
export async function openDesks (settings: Settings, surroundings: IssuerSurroundings, log: KeyFileLog): Promise<OpenDesks> {
  const { jwt, apiKeys, introspection, custom } = settings
  const issuers = await Promise.all(jwt.map(options => trustedIssuer(options, surroundings)))
  const ring = apiKeys === undefined ? undefined : await keyRing(apiKeys, log)
  const signed = issuers.length === 0 ? undefined : new JwtAuthenticator(issuers)
  const keys = ring === undefined ? undefined : new ApiKeyAuthenticator(ring)
  const opaque = introspection === undefined ? undefined : introspector(introspection, surroundings)
  const own = custom === undefined ? undefined : new CustomAuthenticator(custom.authenticate)
  return {
    desks: {
      jwt: signed && (token => signed.authenticate(token)),
      apiKeys: keys && (token => keys.authenticate(token)),
      introspection: opaque && (token => opaque.authenticate(token)),
      custom: own && ((token, head) => own.authenticate(token, head)),
      accepts: custom?.accepts,
      withoutToken: custom?.withoutToken === true && own !== undefined ? head => own.authenticate(null, head) : undefined,
      anyScheme: settings.fromRequest !== undefined && own !== undefined ? head => own.authenticate(null, head) : undefined,
      keyPrefix: apiKeys?.prefix ?? KEY_PREFIX,
      keyHeader: apiKeys?.header?.toLowerCase()
    },
    close: async () => {
      ring?.close()
      await signed?.close()
    }
  }
}

async function keyRing ({ keys, file, find, name = KEY_RING, pollMs = POLL_MS }: ApiKeyOptions, log: KeyFileLog): Promise<KeyRing> {
  if (file !== undefined) return await KeyFile.open({ path: file, name, pollMs }, log)
  return find === undefined ? new MemoryKeyRing((keys ?? []).map(key => keptKey(key, name))) : new FunctionKeyRing(find, name)
}

function introspector (options: IntrospectionOptions, { outgoing, audiences }: IssuerSurroundings): IntrospectionAuthenticator {
  const { audience = audiences, clientAuthentication = 'basic', clockSkewSeconds = SKEW_S, cacheSeconds = CACHE_S } = options
  const endpoint = { ...options, clientAuthentication }
  return new IntrospectionAuthenticator(token => introspect(outgoing, endpoint, token), {
    issuer: options.issuer,
    audiences: typeof audience === 'string' ? [audience] : audience,
    skewSeconds: clockSkewSeconds,
    scopeClaims: options.scopeClaims ?? ['scope', 'scp'],
    cacheMs: cacheSeconds * 1000,
    cacheEntries: options.cacheTokens ?? CACHE_TOKENS
  })
}
