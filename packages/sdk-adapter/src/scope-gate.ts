import { ErrorCode, errorResponse, type JsonRpcError, type JsonRpcRequest } from '@mcp/protocol'
import type { SdkAuthInfo } from './auth-info.ts'

interface ScopeChallenge {
  readonly scopes: readonly string[]
  readonly errorDescription?: string
}

/** What `scopeChallenge` of a tool or resource becomes: the scopes a request lacks. */
export type ScopeResolver = (context: { request: JsonRpcRequest, authInfo?: SdkAuthInfo }) =>
  ScopeChallenge | undefined | Promise<ScopeChallenge | undefined>

/**
 * The refusal of a request whose caller lacks a scope that its tool or resource asks for. `undefined` at once when
 * nothing is asked for. The SDK's own transports refuse with 403; an application has no HTTP status, so it is an error.
 */
export function refuseScopes (
  resolve: ScopeResolver, request: JsonRpcRequest, authInfo: SdkAuthInfo | undefined
): Promise<JsonRpcError | undefined> | undefined {
  const challenge = resolve(authInfo === undefined ? { request } : { request, authInfo })
  if (challenge === undefined) return undefined
  return Promise.resolve(challenge).then(found => found === undefined ? undefined : refusal(request, found))
}

function refusal (request: JsonRpcRequest, challenge: ScopeChallenge): JsonRpcError {
  const data = { error: 'insufficient_scope', scope: challenge.scopes.join(' ') }
  return errorResponse(request.id, ErrorCode.InvalidRequest, challenge.errorDescription ?? 'Insufficient scope', data)
}
