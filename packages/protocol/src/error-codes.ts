/**
 * JSON-RPC error codes of the wire and the HTTP status each travels with.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic
 */
import * as ErrorCode from './error-code.ts'
import type { JsonRpcError, JsonRpcErrorObject, RequestId } from './json-rpc.ts'

/** An error message of the wire; the key `id` is left out when the id is not known. */
export function errorResponse (id: RequestId | undefined, code: number, message: string, data?: unknown): JsonRpcError {
  const error: JsonRpcErrorObject = data === undefined ? { code, message } : { code, message, data }
  return id === undefined ? { jsonrpc: '2.0', error } : { jsonrpc: '2.0', id, error }
}

/**
 * The HTTP status of an error that answers a modern request before a stream is committed (E-27…E-30). Everything an
 * application defines for itself, and internal errors, travel with 200.
 */
export function modernErrorStatus (code: number): number {
  switch (code) {
    case ErrorCode.ParseError:
    case ErrorCode.InvalidRequest:
    case ErrorCode.InvalidParams:
    case ErrorCode.HeaderMismatch:
    case ErrorCode.MissingRequiredClientCapability:
    case ErrorCode.UnsupportedProtocolVersion:
      return 400
    case ErrorCode.MethodNotFound:
      return 404
    default:
      return 200
  }
}
