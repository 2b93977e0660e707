import { Type, type TSchema } from '@sinclair/typebox'
import type { ApiKeyOptions } from './api-keys/options.ts'
import { ApiKeyOptionsSchema } from './api-keys/options.ts'
import type { Authorize } from './authorization/gate.ts'
import type { AuthorizationRule, DefaultPolicy } from './authorization/rule.ts'
import type { ScopeHierarchy } from './authorization/scopes.ts'
import type { CustomAuthenticate, FromRequest } from './custom.ts'
import { IntrospectionOptionsSchema, type IntrospectionOptions } from './introspection/options.ts'
import { JwtOptionsSchema, type JwtOptions } from './jwt/options.ts'
import type { OutgoingOptions } from './outgoing/index.ts'
import { Count, Flag, Func, list, ListOfText, object, Scopes, Text, TextOrList } from './schemas.ts'

const CustomSchema = Type.Union([Func, object({
  authenticate: Func,
  accepts: Type.Optional(Func),
  withoutToken: Type.Optional(Flag)
})], { expected: 'a function, or an object with a function "authenticate"' })

const RuleSchema = object({
  method: Type.Optional(TextOrList),
  tool: Type.Optional(TextOrList),
  prompt: Type.Optional(TextOrList),
  resource: Type.Optional(TextOrList),
  scopes: Scopes,
  hidden: Type.Optional(Flag)
})

export const McpAuthOptionsSchema: TSchema = object({
  resource: Type.Optional(Text),
  realm: Type.Optional(Text),
  jwt: Type.Optional(Type.Union([JwtOptionsSchema, list(JwtOptionsSchema, 'issuers')], { expected: 'an object with "issuer", or a list of them' })),
  apiKeys: Type.Optional(ApiKeyOptionsSchema),
  introspection: Type.Optional(IntrospectionOptionsSchema),
  custom: Type.Optional(CustomSchema),
  fromRequest: Type.Optional(Func),
  authorizationServers: Type.Optional(ListOfText),
  scopes: Type.Optional(object({
    supported: Type.Optional(Scopes),
    challenge: Type.Optional(Scopes),
    hierarchy: Type.Optional(Type.Record(Type.String(), Scopes, { expected: 'an object of scopes and those they imply' }))
  })),
  metadata: Type.Optional(object({
    name: Type.Optional(Text),
    documentation: Type.Optional(Text),
    mirror: Type.Optional(Flag)
  })),
  rules: Type.Optional(list(RuleSchema, 'rules')),
  defaultPolicy: Type.Optional(Type.Union([Type.Literal('allow'), Type.Literal('deny')], { expected: '"allow" or "deny"' })),
  authorize: Type.Optional(Func),
  outgoing: Type.Optional(object({
    allowLoopback: Type.Optional(Flag),
    allow: Type.Optional(ListOfText),
    timeoutMs: Type.Optional(Count),
    maxBytes: Type.Optional(Count)
  }))
})

export interface ScopeOptions {
  /** Told to clients in the resource metadata. */
  readonly supported?: readonly string[]
  /** Named in the challenge of a request without a valid token: what a client should ask for at first. */
  readonly challenge?: readonly string[]
  /** Which scopes a broader one implies. */
  readonly hierarchy?: ScopeHierarchy
}

export interface MetadataOptions {
  /** `resource_name` of the metadata. */
  readonly name?: string
  /** `resource_documentation` of the metadata: a URL. */
  readonly documentation?: string
  /**
   * Repeat the metadata of the first authorization server at our own `/.well-known/oauth-authorization-server`, where clients of
   * revision 2025-03-26 look for it. Default true.
   */
  readonly mirror?: boolean
}

export interface CustomOptions {
  readonly authenticate: CustomAuthenticate
  /** Which tokens are its own. Without it the function gets those no other authenticator takes. */
  readonly accepts?: (token: string) => boolean
  /** Ask also where no credential was sent. Default false. */
  readonly withoutToken?: boolean
}

/** Options of the plugin `mcpAuth`. At least one of `jwt`, `apiKeys`, `introspection`, `custom`; or `fromRequest`. */
export interface McpAuthOptions {
  /** The URL clients use, such as `https://mcp.example.com/mcp`. Needed for OAuth; what a token must name as its audience. */
  readonly resource?: string
  /** Named in challenges where OAuth is not in use. Default `mcp`. */
  readonly realm?: string
  /** Signed tokens of one or several issuers. */
  readonly jwt?: JwtOptions | readonly JwtOptions[]
  readonly apiKeys?: ApiKeyOptions
  /** Opaque tokens, or all tokens where `jwt` is absent (RFC 7662). */
  readonly introspection?: IntrospectionOptions
  readonly custom?: CustomAuthenticate | CustomOptions
  /**
   * For applications that authenticate by themselves: reads the principal from the Fastify request, such as from `request.user`. It runs
   * after the `onRequest` hooks of the scope. Sessions are bound to this principal. `null` is 401. Excludes the four above.
   */
  readonly fromRequest?: FromRequest
  /** Where clients get tokens. Default: the issuers of `jwt` and `introspection`. Empty: OAuth is not offered. */
  readonly authorizationServers?: readonly string[]
  readonly scopes?: ScopeOptions
  readonly metadata?: MetadataOptions
  /** What messages and entries need. All rules that match apply. `defaultPolicy` decides about a message that no rule matches. */
  readonly rules?: readonly AuthorizationRule[]
  /**
   * What becomes of a message that no rule names. Default `allow`. With `deny`, a tool, prompt or resource needs a rule that names it
   * (`{ tool: '*', … }` names all tools): without one it is missing from lists, and a message about it is rejected (403). A method that is
   * not about an entry needs a `method` rule, except `initialize`, `ping`, `server/discover`, `logging/setLevel`, the lists,
   * `subscriptions/listen` and notifications. `authorize` may reject more; it does not allow what no rule names.
   */
  readonly defaultPolicy?: DefaultPolicy
  /** Asked about every message, beside the rules. */
  readonly authorize?: Authorize
  /** Limits of our own requests to issuers. */
  readonly outgoing?: OutgoingOptions
}
