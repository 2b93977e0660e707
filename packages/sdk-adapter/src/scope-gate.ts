import { ErrorCode, errorResponse, type Exchange, type JsonRpcRequest } from '@mcp/protocol'
import type { SdkAuthInfo } from './auth-info.ts'

interface ScopeChallenge {
  readonly scopes: readonly string[]
  readonly errorDescription?: string
}

/** What `scopeChallenge` of a tool or resource becomes: the scopes a request lacks. */
export type ScopeResolver = (context: { request: JsonRpcRequest, authInfo?: SdkAuthInfo }) =>
  ScopeChallenge | undefined | Promise<ScopeChallenge | undefined>

/** What a request's tool or resource asks for and its caller lacks; `undefined` at once when nothing is asked for. */
export function lackingScopes (
  resolve: ScopeResolver, request: JsonRpcRequest, authInfo: SdkAuthInfo | undefined
): Promise<ScopeChallenge | undefined> | undefined {
  const challenge = resolve(authInfo === undefined ? { request } : { request, authInfo })
  return challenge === undefined ? undefined : Promise.resolve(challenge)
}

/** A challenge the client can act upon, where the transport has one; else an error. */
export function refuseScopes (
  exchange: Exchange, request: JsonRpcRequest, { scopes, errorDescription }: ScopeChallenge
): void | Promise<void> {
  if (exchange.challenge?.(scopes) === true) return
  const data = { error: 'insufficient_scope', scope: scopes.join(' ') }
  return exchange.send(errorResponse(request.id, ErrorCode.InvalidRequest, errorDescription ?? 'Insufficient scope', data))
}
