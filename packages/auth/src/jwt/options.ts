import { Type } from '@sinclair/typebox'
import { Count, CountOrNone, Flag, ListOfText, object, Text, TextOrList } from '../schemas.ts'
import { ASYMMETRIC, SYMMETRIC, type JwtAlgorithm } from './algorithms.ts'

const ALGORITHMS: readonly string[] = [...ASYMMETRIC, ...SYMMETRIC]

export const JwtOptionsSchema = object({
  issuer: Text,
  audience: Type.Optional(TextOrList),
  clients: Type.Optional(TextOrList),
  jwksUrl: Type.Optional(Text),
  publicKey: Type.Optional(Text),
  secret: Type.Optional(Type.String({ minLength: 32, expected: 'a string of at least 32 characters' })),
  algorithms: Type.Optional(Type.Array(Type.String({ pattern: `^(?:${ALGORITHMS.join('|')})$`, expected: `one of ${ALGORITHMS.join(', ')}` }), {
    minItems: 1, expected: 'a list of algorithms'
  })),
  requireAtJwt: Type.Optional(Flag),
  scopeClaims: Type.Optional(ListOfText),
  clockSkewSeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 60, expected: 'an integer from 0 to 60' })),
  keysMaxAgeSeconds: Type.Optional(Count),
  keysCooldownSeconds: Type.Optional(Count),
  cacheTokens: Type.Optional(CountOrNone)
})

/** At most one of `jwksUrl`, `publicKey`, `secret`; with none of them the issuer's metadata says where its keys are. */
export interface JwtOptions {
  /** Exactly as tokens name it. */
  readonly issuer: string
  /** Of which a token must name one. Default: `resource`. */
  readonly audience?: string | readonly string[]
  /**
   * For issuers whose access tokens name a client and no audience, such as Amazon Cognito: a token without `aud` is accepted when its
   * `client_id` is one of these. Default: a token without `aud` is rejected.
   */
  readonly clients?: string | readonly string[]
  readonly jwksUrl?: string
  /** PEM. */
  readonly publicKey?: string
  /** Shared with the issuer, for HS256, HS384, HS512; at least 32 characters. */
  readonly secret?: string
  /** Default: all that fit the kind of key; never `none`. */
  readonly algorithms?: readonly JwtAlgorithm[]
  /** Refuse what does not say by `typ` that it is an access token (RFC 9068). Default false: what is known to be none is refused. */
  readonly requireAtJwt?: boolean
  /** Claims that hold scopes. Default `scope` and `scp`; with Auth0's RBAC add `permissions`. */
  readonly scopeClaims?: readonly string[]
  /** How far clocks may differ. Default 30, at most 60. */
  readonly clockSkewSeconds?: number
  /** When fetched keys are fetched again. Default 600. */
  readonly keysMaxAgeSeconds?: number
  /** Least time between two fetches for the sake of unknown keys. Default 30. */
  readonly keysCooldownSeconds?: number
  /** How many verified tokens are remembered, by hash, until they expire or their key is gone. 0: every request verifies. Default 1000. */
  readonly cacheTokens?: number
}
