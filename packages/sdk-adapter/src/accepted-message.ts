/**
 * What the parsers of the SDK accept. They are stricter than MCP and JSON-RPC, and they drop in silence what they do not accept: the
 * request would never be answered. So a message is reduced to what they know, and what has no clear meaning is rejected before.
 *
 * @see https://github.com/modelcontextprotocol/typescript-sdk/issues/2247
 */
import {
  isErrorResponse, isObject, type JsonObject, type JsonRpcNotification, type JsonRpcRequest, type JsonRpcResponse
} from '@mcp/protocol'

const RELATED_TASK = 'io.modelcontextprotocol/related-task'

/** A request that the SDK accepts, or why there is none. */
export type AcceptedRequest = { readonly message: JsonRpcRequest } | { readonly fault: string }

/** A member that is `null` counts as absent; one of a wrong type is a fault. */
export function acceptRequest (given: JsonRpcRequest): AcceptedRequest {
  const { jsonrpc, id, method, params } = given
  const fault = params === undefined ? undefined : faultOf(params._meta)
  if (fault !== undefined) return { fault }
  const mended = params === undefined ? undefined : withMeta(params)
  if (mended === params && onlyHas(given, 'id', 'method', 'params')) return { message: given }
  return { message: mended === undefined ? { jsonrpc, id, method } : { jsonrpc, id, method, params: mended } }
}

/** Nothing can be answered to a notification, so it arrives without what is wrong. */
export function acceptNotification ({ jsonrpc, method, params }: JsonRpcNotification): JsonRpcNotification {
  return params === undefined ? { jsonrpc, method } : { jsonrpc, method, params: withMeta(params) }
}

/** The same for the client's response to a request of the server. */
export function acceptResponse (given: JsonRpcResponse): JsonRpcResponse {
  const { jsonrpc, id } = given
  if (!isErrorResponse(given)) return { jsonrpc, id: given.id, result: withMeta(given.result) }
  return id === undefined || id === null ? { jsonrpc, error: given.error } : { jsonrpc, id, error: given.error }
}

function onlyHas (message: object, ...members: readonly string[]): boolean {
  for (const member in message) if (member !== 'jsonrpc' && !members.includes(member)) return false
  return true
}

function faultOf (meta: unknown): string | undefined {
  if (meta === undefined || meta === null) return undefined
  if (!isObject(meta)) return 'params._meta must be an object'
  const { progressToken, [RELATED_TASK]: task } = meta
  if (!isAbsent(progressToken) && !isToken(progressToken)) return 'params._meta.progressToken must be a string or an integer'
  if (!isAbsent(task) && !isTask(task)) return `params._meta["${RELATED_TASK}"] must be an object with a string taskId`
  return undefined
}

/** The same params where their `_meta` has nothing wrong; else without what is wrong. */
function withMeta (params: JsonObject): JsonObject {
  if (params._meta === undefined && !('_meta' in params)) return params
  if (!isObject(params._meta)) {
    const { _meta: _, ...rest } = params
    return rest
  }
  const { progressToken, [RELATED_TASK]: task, ...rest } = params._meta
  const kept = { ...isToken(progressToken) && { progressToken }, ...isTask(task) && { [RELATED_TASK]: task } }
  const dropped = (progressToken !== undefined && !isToken(progressToken)) || (task !== undefined && !isTask(task))
  return dropped ? { ...params, _meta: { ...rest, ...kept } } : params
}

function isAbsent (value: unknown): boolean {
  return value === undefined || value === null
}

function isToken (value: unknown): boolean {
  return typeof value === 'string' || Number.isSafeInteger(value)
}

function isTask (value: unknown): boolean {
  return isObject(value) && typeof value.taskId === 'string'
}
