/**
 * JSON-RPC 2.0 as MCP uses it: string or integer ids, objects as params, one message at a time.
 *
 * @see https://www.jsonrpc.org/specification
 */

export type RequestId = string | number

export type JsonObject = { [key: string]: unknown }

export interface JsonRpcRequest {
  jsonrpc: '2.0'
  id: RequestId
  method: string
  params?: JsonObject
}

export interface JsonRpcNotification {
  jsonrpc: '2.0'
  method: string
  params?: JsonObject
}

export interface JsonRpcResult {
  jsonrpc: '2.0'
  id: RequestId
  result: JsonObject
}

export interface JsonRpcErrorObject {
  code: number
  message: string
  data?: unknown
}

/** `id` is absent when the id of what failed could not be read (T4, T5); old peers send `null`. */
export interface JsonRpcError {
  jsonrpc: '2.0'
  id?: RequestId | null
  error: JsonRpcErrorObject
}

export type JsonRpcResponse = JsonRpcResult | JsonRpcError
export type JsonRpcMessage = JsonRpcRequest | JsonRpcNotification | JsonRpcResponse
export type MessageKind = 'request' | 'notification' | 'response'

/** Longest id that is carried: ids are echoed, logged and used as keys, so they are kept small. */
export const MAX_ID_LENGTH = 256

export function isObject (value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isRequestId (value: unknown): value is RequestId {
  return typeof value === 'string' ? value.length <= MAX_ID_LENGTH : Number.isSafeInteger(value)
}

/**
 * What kind of message a parsed JSON value is, or `null` when it is none. The presence of the key `id` decides request
 * or notification, so a request with a bad id is never taken for a notification.
 */
export function messageKind (value: unknown): MessageKind | null {
  if (!isObject(value) || value.jsonrpc !== '2.0') return null
  if (value.method !== undefined) {
    if (typeof value.method !== 'string' || (value.params !== undefined && !isObject(value.params))) return null
    if (value.result !== undefined || value.error !== undefined) return null
    if (!('id' in value)) return 'notification'
    return isRequestId(value.id) ? 'request' : null
  }
  return isResponse(value) ? 'response' : null
}

function isResponse (value: JsonObject): boolean {
  if (value.result !== undefined) return value.error === undefined && isObject(value.result) && isRequestId(value.id)
  const error = value.error
  if (!isObject(error) || !Number.isInteger(error.code) || typeof error.message !== 'string') return false
  return value.id === undefined || value.id === null || isRequestId(value.id)
}

/** The id to echo in an error about `value`, when it has one that can be read. */
export function readableId (value: unknown): RequestId | undefined {
  return isObject(value) && isRequestId(value.id) ? value.id : undefined
}

export function isRequest (message: JsonRpcMessage): message is JsonRpcRequest {
  return 'method' in message && 'id' in message
}

export function isNotification (message: JsonRpcMessage): message is JsonRpcNotification {
  return 'method' in message && !('id' in message)
}

export function isResponseMessage (message: JsonRpcMessage): message is JsonRpcResponse {
  return !('method' in message)
}

export function isErrorResponse (message: JsonRpcMessage): message is JsonRpcError {
  return 'error' in message
}
