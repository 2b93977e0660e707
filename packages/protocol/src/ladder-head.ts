/** The rungs that need no body: method, era of GET and DELETE, media type, content coding, Accept (B-2, B-4, B-5). */
import * as ErrorCode from './error-code.ts'
import * as Header from './header.ts'
import { fieldValue, givenValue, type HeaderFields } from './headers.ts'
import type { LadderPolicy, Refusal } from './ladder.ts'
import { acceptable, essence, JSON_TYPE, namesBoth, type Acceptable } from './media-type.ts'
import { eraOf, isModernVersion, isRevision, type Revision } from './revisions.ts'

export type HeadVerdict =
  | Refusal
  | { readonly kind: 'post', readonly acceptable: Acceptable }
  | { readonly kind: 'get' }
  | { readonly kind: 'delete' }

const POST: readonly HeadVerdict[] = [true, false].flatMap(json =>
  [true, false].map(stream => ({ kind: 'post', acceptable: { json, stream } }) as const))
const GET: HeadVerdict = { kind: 'get' }
const DELETE: HeadVerdict = { kind: 'delete' }

export function climbHead (method: string, headers: HeaderFields, policy: LadderPolicy): HeadVerdict {
  switch (method) {
    case 'POST':
      return post(headers, policy)
    case 'GET':
      return session(method, headers, policy) ?? get(headers)
    case 'DELETE':
      return session(method, headers, policy) ?? DELETE
    default:
      return notAllowed(method, policy)
  }
}

/** Methods served under a policy, as the `Allow` header names them. */
export function allowedMethods (policy: LadderPolicy): string {
  return policy.sessions && policy.revisions.some(revision => eraOf(revision) === 'legacy') ? 'GET, POST, DELETE' : 'POST'
}

function post (headers: HeaderFields, policy: LadderPolicy): HeadVerdict {
  const contentType = fieldValue(headers['content-type'])
  if (essence(contentType) !== JSON_TYPE) {
    return refuse('media-type', 415, `Content-Type must be ${JSON_TYPE}, got ${quote(contentType)}`)
  }
  const coding = givenValue(headers['content-encoding'])
  if (coding !== undefined && coding.toLowerCase() !== 'identity') {
    return refuse('content-coding', 415, `Content-Encoding ${quote(coding)} is not supported; send the body as it is`)
  }
  const accept = givenValue(headers['accept'])
  const takes = acceptable(accept)
  if (policy.strictAccept && !namesBoth(accept)) {
    return refuse('accept', 406, 'Accept must list both application/json and text/event-stream')
  }
  if (!takes.json && !takes.stream) {
    return refuse('accept', 406, `Accept must admit application/json or text/event-stream, got ${quote(accept)}`)
  }
  return POST[(takes.json ? 0 : 2) + (takes.stream ? 0 : 1)] ?? { kind: 'post', acceptable: takes }
}

function get (headers: HeaderFields): HeadVerdict {
  const accept = givenValue(headers['accept'])
  return acceptable(accept).stream ? GET : refuse('accept', 406, `Accept must admit text/event-stream, got ${quote(accept)}`)
}

/** GET and DELETE exist for sessions alone, so not for modern requests nor on a sessionless endpoint. */
function session (method: string, headers: HeaderFields, policy: LadderPolicy): Refusal | undefined {
  const version = fieldValue(headers[Header.ProtocolVersion])
  const modern = version !== undefined && speaksModern(version, policy)
  const allow = modern ? 'POST' : allowedMethods(policy)
  if (allow === 'POST') return { ...notAllowed(method, policy), allow }
  if (version !== undefined && servedLegacy(version, policy) === undefined) return badVersion(version, undefined, policy)
  return undefined
}

function notAllowed (method: string, policy: LadderPolicy): Refusal {
  return { ...refuse('method', 405, `Method ${quote(method)} is not allowed here`), allow: allowedMethods(policy) }
}

/** A header that announces the modern era to an endpoint that serves it; elsewhere it is just an unsupported version. */
export function speaksModern (version: string, policy: LadderPolicy): boolean {
  return isModernVersion(version) && policy.revisions.some(isModern)
}

export function servedLegacy (version: string, policy: LadderPolicy): Revision | undefined {
  return isRevision(version) && eraOf(version) === 'legacy' && policy.revisions.includes(version) ? version : undefined
}

export function modernServed (policy: LadderPolicy): Revision[] {
  return policy.revisions.filter(isModern)
}

function isModern (revision: Revision): boolean {
  return eraOf(revision) === 'modern'
}

export function badVersion (version: string, id: Refusal['id'], policy: LadderPolicy): Refusal {
  const message = `MCP-Protocol-Version ${quote(version)} is not supported; supported are ${policy.revisions.join(', ')}`
  return refuse('protocol-version', 400, message, id)
}

export function refuse (
  rung: string, status: number, message: string, id?: Refusal['id'], code: number = ErrorCode.InvalidRequest, data?: unknown
): Refusal {
  return { kind: 'refused', rung, status, id, code, message, ...(data === undefined ? {} : { data }) }
}

const QUOTE_AT_MOST = 64

/** A received value fit for a message: printable ASCII only and short (H-24). */
export function quote (value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const short = text.length > QUOTE_AT_MOST ? text.slice(0, QUOTE_AT_MOST) + '...' : text
  return `"${short.replaceAll(/[^\x20-\x7e]/g, '?')}"`
}
