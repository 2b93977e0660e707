/** Issuers whose options fit their schema: what makes no sense together is refused. */
import { missingAudience } from '../check-options.ts'
import { MCP_AUTH_BAD_OPTION } from '../errors.ts'
import type { Reach } from '../outgoing/index.ts'
import { checkTarget } from '../urls.ts'
import { ASYMMETRIC, SYMMETRIC, type JwtAlgorithm } from './algorithms.ts'
import { EDWARDS } from './edwards.ts'
import type { JwtOptions } from './options.ts'

/** @throws `MCP_AUTH_BAD_OPTION` */
export function checkIssuer (options: JwtOptions, resource: string | undefined, reach: Reach): void {
  const { issuer, jwksUrl, publicKey, secret, audience } = options
  if ([jwksUrl, publicKey, secret].filter(one => one !== undefined).length > 1) {
    throw new MCP_AUTH_BAD_OPTION('option "jwt" must have at most one of "jwksUrl", "publicKey", "secret"')
  }
  if (audience === undefined && resource === undefined && options.clients === undefined) throw missingAudience('jwt')
  if (jwksUrl !== undefined) checkTarget('jwt.jwksUrl', jwksUrl, reach)
  else if (publicKey === undefined && secret === undefined) checkTarget('jwt.issuer', issuer, reach)
  // Public keys are public: as a secret one would let everybody sign.
  if (secret !== undefined && /-----BEGIN|"kty"/.test(secret)) throw new MCP_AUTH_BAD_OPTION('option "jwt.secret" must be a secret; it holds a key')
  checkAlgorithms(options)
}

/** Those that fit the kind of key, never both kinds at once. */
export function algorithmsOf ({ algorithms, secret }: JwtOptions): readonly JwtAlgorithm[] {
  const named = algorithms ?? (secret === undefined ? ASYMMETRIC : SYMMETRIC)
  // Since RFC 9864 tokens may name the curve where they named EdDSA before.
  return named.includes('EdDSA') ? [...new Set([...named, ...EDWARDS])] : named
}

function checkAlgorithms (options: JwtOptions): void {
  const fitting: readonly string[] = options.secret === undefined ? ASYMMETRIC : SYMMETRIC
  const wrong = algorithmsOf(options).find(one => !fitting.includes(one))
  if (wrong !== undefined) throw new MCP_AUTH_BAD_OPTION(`option "jwt.algorithms" names ${wrong}, which does not go with the kind of key`)
}
