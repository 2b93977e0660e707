/** The rungs over a parsed body that decide its era (B-6…B-10, B-12, B-20, B-23, B-24, B-27, B-31). */
import { hasClaim, metaOf, envelopeFaults } from './envelope.ts'
import * as ErrorCode from './error-code.ts'
import * as Header from './header.ts'
import { fieldValue, givenValue, type HeaderFields } from './headers.ts'
import {
  isRequest, messageKind, readableId, type JsonRpcMessage, type JsonRpcNotification, type JsonRpcRequest
} from './json-rpc.ts'
import type { LadderPolicy, PostVerdict, Refusal } from './ladder.ts'
import { badVersion, modernServed, quote, refuse, servedLegacy, speaksModern } from './ladder-head.ts'
import { climbModern } from './ladder-modern.ts'
import type { Acceptable } from './media-type.ts'
import { eraOf, isRevision } from './revisions.ts'

export function climbBody (
  headers: HeaderFields, rawHeaders: readonly string[], body: unknown, acceptable: Acceptable, policy: LadderPolicy
): PostVerdict {
  const version = fieldValue(headers[Header.ProtocolVersion])
  const modernHeader = version !== undefined && speaksModern(version, policy)
  if (Array.isArray(body)) return batch(body, version, modernHeader, policy)

  const kind = messageKind(body)
  if (kind === null) return refuse('message', 400, 'The body is not a JSON-RPC 2.0 message', readableId(body))
  const message = body as JsonRpcMessage
  if (kind === 'response') return response(message, headers, version, modernHeader, policy)

  const call = message as JsonRpcRequest | JsonRpcNotification
  if (isRequest(call) && call.method === 'initialize') {
    const meta = metaOf(call)
    if (!hasClaim(call) || meta === undefined || envelopeFaults(meta).length > 0) return initialize(call, version, modernHeader, policy)
  }
  if (hasClaim(call)) return climbModern(call, version, headers, rawHeaders, acceptable, policy)
  if (modernHeader) return isRequest(call) ? unclaimed(call, version, policy) : { kind: 'dropped', message: call }
  return legacy(call, version, policy)
}

function batch (elements: readonly unknown[], version: string | undefined, modernHeader: boolean, policy: LadderPolicy): PostVerdict {
  if (modernHeader) return refuse('batch', 400, `Batches do not exist in protocol version ${quote(version)}`)
  if (!servesLegacy(policy)) return refuse('batch', 400, `Batches do not exist in the supported versions: ${policy.revisions.join(', ')}`)
  if (elements.length === 0) return refuse('batch', 400, 'A batch must not be empty')
  if (elements.length > policy.maxBatch) {
    return refuse('batch', 400, `A batch holds at most ${policy.maxBatch} messages, got ${elements.length}`)
  }
  for (const element of elements) {
    if (messageKind(element) === null) return refuse('batch', 400, 'Every element of a batch must be a JSON-RPC 2.0 message')
    if (hasClaim(element)) return refuse('batch', 400, 'A message of protocol version 2026-07-28 or later cannot be part of a batch')
    if ((element as { method?: unknown }).method === 'initialize') return refuse('batch', 400, 'initialize cannot be part of a batch')
  }
  return legacyVersion(version, undefined, policy, elements as readonly JsonRpcMessage[])
}

function response (
  message: JsonRpcMessage, headers: HeaderFields, version: string | undefined, modernHeader: boolean, policy: LadderPolicy
): PostVerdict {
  if (modernHeader || !servesLegacy(policy)) return refuse('response', 400, 'Responses cannot be posted in protocol version 2026-07-28')
  if (givenValue(headers[Header.SessionId]) === undefined) {
    return refuse('response', 400, 'A response belongs to a session: the Mcp-Session-Id header is missing')
  }
  return legacyVersion(version, undefined, policy, message)
}

function initialize (call: JsonRpcRequest, version: string | undefined, modernHeader: boolean, policy: LadderPolicy): PostVerdict {
  if (modernHeader) {
    const message = `MCP-Protocol-Version ${quote(version)} has no initialize; send no such header, or call server/discover with its envelope`
    return refuse('initialize', 400, message, call.id, ErrorCode.HeaderMismatch)
  }
  if (servesLegacy(policy)) return { kind: 'legacy', body: call, named: undefined }
  const supported = modernServed(policy)
  const message = `initialize is not served; supported protocol versions are ${supported.join(', ')}`
  const asked = call.params?.protocolVersion
  const requested = typeof asked === 'string' ? asked : 'none'
  return refuse('initialize', 400, message, call.id, ErrorCode.UnsupportedProtocolVersion, { supported, requested })
}

function unclaimed (call: JsonRpcRequest, version: string | undefined, { revisions }: LadderPolicy): Refusal {
  const needed = 'params._meta must carry io.modelcontextprotocol/protocolVersion and io.modelcontextprotocol/clientCapabilities'
  const message = version === undefined || isRevision(version)
    ? needed
    : `MCP-Protocol-Version ${quote(version)} is not supported; supported are ${revisions.join(', ')}. With a version after 2025-11-25, ${needed}`
  return refuse('envelope', 400, message, call.id, ErrorCode.InvalidParams)
}

function legacy (call: JsonRpcRequest | JsonRpcNotification, version: string | undefined, policy: LadderPolicy): PostVerdict {
  if (servesLegacy(policy)) return legacyVersion(version, isRequest(call) ? call.id : undefined, policy, call)
  if (!isRequest(call)) return { kind: 'dropped', message: call }
  if (version !== undefined) return badVersion(version, call.id, policy)
  const message = `MCP-Protocol-Version is missing; supported are ${policy.revisions.join(', ')}`
  return refuse('header-missing', 400, message, call.id, ErrorCode.HeaderMismatch)
}

/** a version that is named must be served. What `initialize` asks for is negotiated instead. */
function legacyVersion (
  version: string | undefined, id: Refusal['id'], policy: LadderPolicy, body: JsonRpcMessage | readonly JsonRpcMessage[]
): PostVerdict {
  if (version === undefined) return { kind: 'legacy', body, named: undefined }
  const named = servedLegacy(version, policy)
  return named === undefined ? badVersion(version, id, policy) : { kind: 'legacy', body, named }
}

function servesLegacy (policy: LadderPolicy): boolean {
  return policy.revisions.some(revision => eraOf(revision) === 'legacy')
}
