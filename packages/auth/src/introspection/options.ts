import { Type } from '@sinclair/typebox'
import { CountOrNone, ListOfText, object, Text, TextOrList } from '../schemas.ts'

export const IntrospectionOptionsSchema = object({
  url: Text,
  issuer: Text,
  clientId: Text,
  clientSecret: Text,
  clientAuthentication: Type.Optional(Type.Union([Type.Literal('basic'), Type.Literal('post')], { expected: '"basic" or "post"' })),
  audience: Type.Optional(TextOrList),
  scopeClaims: Type.Optional(ListOfText),
  clockSkewSeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 60, expected: 'an integer from 0 to 60' })),
  cacheSeconds: Type.Optional(CountOrNone),
  cacheTokens: Type.Optional(CountOrNone)
})

export interface IntrospectionOptions {
  readonly url: string
  /** Who the tokens are from; an answer that names another is refused. */
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  /** `client_secret_basic` or `client_secret_post`. Default `basic`. */
  readonly clientAuthentication?: 'basic' | 'post'
  /** Of which a token must name one. Default: `resource`. */
  readonly audience?: string | readonly string[]
  /** Members of the answer that hold scopes. Default `scope` and `scp`. */
  readonly scopeClaims?: readonly string[]
  /** How far clocks may differ. Default 30, at most 60. */
  readonly clockSkewSeconds?: number
  /** How long an answer counts, though never longer than the token. A token that is revoked works that much longer. Default 30. */
  readonly cacheSeconds?: number
  /** How many answers are kept. Default 1000. */
  readonly cacheTokens?: number
}
