/** From options to issuers whose tokens are accepted. */
import { MCP_AUTH_BAD_OPTION } from '../errors.ts'
import { Lru } from '../lru.ts'
import type { IssuerMetadata } from '../metadata/issuer-metadata.ts'
import type { Outgoing } from '../outgoing/index.ts'
import type { TrustedIssuer } from './authenticator.ts'
import { algorithmsOf } from './check-issuer.ts'
import { FixedKey, type KeySource } from './key-source.ts'
import type { JwtOptions } from './options.ts'
import { RemoteKeys } from './remote-keys.ts'
import { keyFromPem, keyFromSecret, type VerificationKey } from './verification-key.ts'
import { openVerifier, type TokenPolicy } from './verifier.ts'

const SKEW_S = 30
const KEYS_MAX_AGE_S = 600
const KEYS_COOLDOWN_S = 30
const CACHE_TOKENS = 1000
const SCOPE_CLAIMS = ['scope', 'scp']

/** What issuers share. */
export interface IssuerSurroundings {
  readonly outgoing: Outgoing
  /** Of `resource`, where a token's audience is not set apart. */
  readonly audiences: readonly string[]
  metadata (issuer: string): IssuerMetadata
  onError (issuer: string, error: unknown): void
}

/** @throws `MCP_AUTH_BAD_OPTION` when `publicKey` cannot be used. */
export async function trustedIssuer (options: JwtOptions, surroundings: IssuerSurroundings): Promise<TrustedIssuer> {
  const { issuer, audience = surroundings.audiences, clients, clockSkewSeconds = SKEW_S, cacheTokens = CACHE_TOKENS } = options
  const policy: TokenPolicy = {
    issuer,
    audiences: typeof audience === 'string' ? [audience] : audience,
    ...clients !== undefined && { clients: typeof clients === 'string' ? [clients] : clients },
    algorithms: algorithmsOf(options),
    skewSeconds: clockSkewSeconds
  }
  const verified: TrustedIssuer['verified'] = new Lru(cacheTokens)
  return {
    policy,
    keys: await keySource(options, policy, surroundings, () => verified.clear()),
    requireAtJwt: options.requireAtJwt ?? false,
    scopeClaims: options.scopeClaims ?? SCOPE_CLAIMS,
    verified
  }
}

async function keySource (
  options: JwtOptions, policy: TokenPolicy, surroundings: IssuerSurroundings, onRemoved: () => void
): Promise<KeySource> {
  const { issuer, jwksUrl, publicKey, secret, keysMaxAgeSeconds = KEYS_MAX_AGE_S, keysCooldownSeconds = KEYS_COOLDOWN_S } = options
  if (secret !== undefined) return new FixedKey(await openVerifier(keyFromSecret(secret, policy.algorithms), policy))
  if (publicKey !== undefined) return new FixedKey(await openVerifier(usableKey(publicKey, policy), policy))
  const url = jwksUrl === undefined ? (again: boolean) => surroundings.metadata(issuer).jwksUrl(again) : () => jwksUrl
  return new RemoteKeys(surroundings.outgoing, url, policy, {
    maxAgeMs: keysMaxAgeSeconds * 1000,
    cooldownMs: keysCooldownSeconds * 1000,
    onRemoved,
    onError: error => surroundings.onError(issuer, error)
  })
}

function usableKey (pem: string, policy: TokenPolicy): VerificationKey {
  let key: VerificationKey | null
  try {
    key = keyFromPem(pem, policy.algorithms)
  } catch {
    throw new MCP_AUTH_BAD_OPTION('option "jwt.publicKey" must be a public key in PEM')
  }
  if (key === null) throw new MCP_AUTH_BAD_OPTION('option "jwt.publicKey" is too weak, or fits none of the algorithms allowed')
  return key
}
