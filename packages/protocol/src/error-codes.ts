/**
 * JSON-RPC error codes of the wire and the HTTP status each travels with.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic
 */
import type { JsonRpcError, JsonRpcErrorObject, RequestId } from './json-rpc.ts'

export const ErrorCode = {
  ParseError: -32700,
  InvalidRequest: -32600,
  MethodNotFound: -32601,
  InvalidParams: -32602,
  InternalError: -32603,
  /** 2026-07-28: a mirrored header is missing or disagrees with the body. */
  HeaderMismatch: -32020,
  /** 2026-07-28: `data.requiredCapabilities` names what the client did not declare. */
  MissingRequiredClientCapability: -32021,
  /** 2026-07-28: `data.supported` and `data.requested`. */
  UnsupportedProtocolVersion: -32022
} as const

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
