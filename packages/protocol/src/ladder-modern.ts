/** The rungs of a message that claims the modern era (B-10, B-11, B-13…B-19, B-25, B-26). */
import { envelopeFaults, metaOf } from './envelope.ts'
import * as MetaKey from './meta-key.ts'
import * as ErrorCode from './error-code.ts'
import * as Header from './header.ts'
import { decodeFieldValue, fieldValue, occurrences, type HeaderFields } from './headers.ts'
import { isObject, isRequest, type JsonRpcNotification, type JsonRpcRequest, type RequestId } from './json-rpc.ts'
import type { LadderPolicy, PostVerdict, Refusal } from './ladder.ts'
import { modernServed, quote, refuse } from './ladder-head.ts'
import type { Acceptable } from './media-type.ts'
import { isRemovedInModern, mirroredName } from './methods.ts'
import { eraOf, type Revision } from './revisions.ts'

export function climbModern (
  call: JsonRpcRequest | JsonRpcNotification, version: string | undefined, headers: HeaderFields,
  rawHeaders: readonly string[], acceptable: Acceptable, policy: LadderPolicy
): PostVerdict {
  const meta = metaOf(call) ?? {}
  const id = isRequest(call) ? call.id : undefined
  const claim = meta[MetaKey.ProtocolVersion]

  if (isRequest(call) || typeof claim !== 'string') {
    const faults = envelopeFaults(meta)
    if (faults.length > 0) return refuse('envelope', 400, `Invalid params._meta: ${faults.join('; ')}`, id, ErrorCode.InvalidParams)
  }
  if (version !== undefined && version !== claim) {
    return mismatch('header-version', `MCP-Protocol-Version ${quote(version)} differs from the ${quote(claim)} in params._meta`, id)
  }
  const revision = policy.revisions.find(served => served === claim)
  if (revision === undefined || eraOf(revision) !== 'modern') return unsupported(claim, id, modernServed(policy), policy)

  const method = fieldValue(headers[Header.Method])
  if (!isRequest(call)) {
    if (method !== undefined && method !== call.method) return mismatch('header-method', differs('Mcp-Method', method, call.method), id)
    return { kind: 'dropped', message: call }
  }
  return climbRequest(call, revision, version, method, headers, rawHeaders, acceptable, policy)
}

function climbRequest (
  call: JsonRpcRequest, revision: Revision, version: string | undefined, method: string | undefined, headers: HeaderFields,
  rawHeaders: readonly string[], acceptable: Acceptable, policy: LadderPolicy
): PostVerdict {
  if (version === undefined) return mismatch('header-missing', `MCP-Protocol-Version is missing; expected "${revision}"`, call.id)
  if (method === undefined) return mismatch('header-method', `Mcp-Method is missing; expected ${quote(call.method)}`, call.id)
  if (method !== call.method) return mismatch('header-method', differs('Mcp-Method', method, call.method), call.id)
  const refusal = climbName(call, headers, rawHeaders)
  if (refusal !== undefined) return refusal
  if (isRemovedInModern(call.method)) {
    const message = `Method ${quote(call.method)} does not exist in protocol version ${revision}; supported are ${policy.revisions.join(', ')}`
    return refuse('method-removed', 404, message, call.id, ErrorCode.MethodNotFound)
  }
  if (call.method === 'subscriptions/listen' && !acceptable.stream) {
    return refuse('accept', 406, 'subscriptions/listen answers with text/event-stream, which Accept does not admit', call.id)
  }
  return climbTaskListen(call) ?? { kind: 'modern', message: call, revision }
}

/** A listen that names tasks, even an empty list of them, is for clients that declared the tasks extension (K-9, K-76). */
function climbTaskListen ({ id, method, params }: JsonRpcRequest): Refusal | undefined {
  if (method !== 'subscriptions/listen') return undefined
  const filter = params?.notifications
  if (!isObject(filter) || !Object.hasOwn(filter, 'taskIds')) return undefined
  if (!declaresTasks(params)) {
    const message = `The filter names taskIds, but ${MetaKey.ClientCapabilities} does not declare extensions["${MetaKey.TasksExtension}"]`
    const requiredCapabilities = { extensions: { [MetaKey.TasksExtension]: {} } }
    return refuse('capability', 400, message, id, ErrorCode.MissingRequiredClientCapability, { requiredCapabilities })
  }
  const { taskIds } = filter
  if (Array.isArray(taskIds) && taskIds.every(taskId => typeof taskId === 'string')) return undefined
  return refuse('task-ids', 400, 'params.notifications.taskIds must be a list of strings', id, ErrorCode.InvalidParams)
}

function declaresTasks (params: JsonRpcRequest['params']): boolean {
  const meta = params?._meta
  const capabilities = isObject(meta) ? meta[MetaKey.ClientCapabilities] : undefined
  const extensions = isObject(capabilities) ? capabilities.extensions : undefined
  return isObject(extensions) && isObject(extensions[MetaKey.TasksExtension])
}

/** `Mcp-Name` mirrors the tool, prompt, resource or task; whether the body's value is any good is for the application to say. */
function climbName (call: JsonRpcRequest, headers: HeaderFields, rawHeaders: readonly string[]): Refusal | undefined {
  const member = mirroredName(call.method)
  const expected = member === undefined ? undefined : call.params?.[member]
  if (typeof expected === 'string') {
    const sent = fieldValue(headers[Header.Name])
    if (sent === undefined) return mismatch('header-name', `Mcp-Name is missing; expected ${quote(expected)}`, call.id)
    const name = decodeFieldValue(sent)
    if (name === null) return mismatch('header-name', 'Mcp-Name holds no valid base64 of UTF-8', call.id)
    if (name !== expected) return mismatch('header-name', differs('Mcp-Name', name, expected), call.id)
  }
  return repeated(headers, rawHeaders, call.id)
}

const ROUTING_HEADERS = [Header.ProtocolVersion, Header.Method, Header.Name]

/** A repeated field reaches us joined by a comma, so only values with a comma need a second look. */
function repeated (headers: HeaderFields, rawHeaders: readonly string[], id: RequestId): Refusal | undefined {
  for (const name of ROUTING_HEADERS) {
    if (headers[name]?.includes(',') === true && occurrences(rawHeaders, name) > 1) {
      return mismatch('header-repeated', `${name} was sent more than once`, id)
    }
  }
  return undefined
}

function unsupported (claim: unknown, id: RequestId | undefined, modern: readonly Revision[], policy: LadderPolicy): Refusal {
  const supported = modern.length > 0 ? modern : policy.revisions
  const message = `Protocol version ${quote(claim)} is not supported per request; supported are ${supported.join(', ')}`
  return refuse('version', 400, message, id, ErrorCode.UnsupportedProtocolVersion, { supported, requested: String(claim) })
}

function mismatch (rung: string, message: string, id: RequestId | undefined): Refusal {
  return refuse(rung, 400, message, id, ErrorCode.HeaderMismatch)
}

function differs (header: string, sent: string, expected: string): string {
  return `${header} ${quote(sent)} differs from the ${quote(expected)} in the body`
}
