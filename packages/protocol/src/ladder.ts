/**
 * The era ladder: one answer for every HTTP request, found from method, headers and body alone. The first rung that
 * applies decides. Session rules come later and never look back here.
 *
 * The head (method and headers) is judged before a body is read, the body after it was parsed once; {@link climb} is both.
 */
import type { JsonRpcMessage, JsonRpcNotification, JsonRpcRequest, RequestId } from './json-rpc.ts'
import type { HeaderFields } from './headers.ts'
import type { Revision } from './revisions.ts'
import { climbHead, type HeadVerdict } from './ladder-head.ts'
import { climbBody } from './ladder-body.ts'

/** What an endpoint serves; fixed when it is registered. */
export interface LadderPolicy {
  /** Revisions both the endpoint and its application know. */
  readonly revisions: readonly Revision[]
  /** Whether legacy clients get sessions, and with them GET and DELETE. */
  readonly sessions: boolean
  /** Refuses POSTs whose `Accept` does not name both reply types literally. */
  readonly strictAccept: boolean
  readonly maxBatch: number
}

/** A request turned away. Answered with `status` and a JSON-RPC error; `rung` and `error.message` are logged. */
export interface Refusal {
  readonly kind: 'refused'
  readonly rung: string
  readonly status: number
  readonly id: RequestId | undefined
  readonly code: number
  readonly message: string
  readonly data?: unknown
  /** Value of the `Allow` header, with 405. */
  readonly allow?: string
  /** Further fields of the reply by lower-case name, such as `www-authenticate`. Trusted: never made of received values. */
  readonly headers?: Readonly<Record<string, string>>
}

/** Goes on to the session rules of the legacy era. */
export interface LegacyPost {
  readonly kind: 'legacy'
  readonly body: JsonRpcMessage | readonly JsonRpcMessage[]
  /** A served legacy revision named by `MCP-Protocol-Version`, if one was. */
  readonly named: Revision | undefined
}

/** A modern request that passed every rung. */
export interface ModernRequest {
  readonly kind: 'modern'
  readonly message: JsonRpcRequest
  readonly revision: Revision
}

/** A notification without effect in the modern era: accepted with 202 and dropped (B-25, B-26). */
export interface Dropped {
  readonly kind: 'dropped'
  readonly message: JsonRpcNotification
}

export type PostVerdict = Refusal | LegacyPost | ModernRequest | Dropped
export type Verdict = PostVerdict | Exclude<HeadVerdict, { kind: 'post' }>

/** The whole ladder over one request. `body` is the parsed JSON value; only POST has one. */
export function climb (
  method: string, headers: HeaderFields, rawHeaders: readonly string[], body: unknown, policy: LadderPolicy
): Verdict {
  const head = climbHead(method, headers, policy)
  return head.kind === 'post' ? climbBody(headers, rawHeaders, body, head.acceptable, policy) : head
}
