import { isObject, isRequest, messageKind, readableId, type JsonRpcError, type JsonRpcMessage, type JsonRpcRequest } from '@mcp/protocol'
import * as ErrorCode from '@mcp/protocol/error-code'
import type { McpClientError } from './coded-error.ts'
import { MCP_CLIENT_HTTP_STATUS, MCP_CLIENT_THROTTLED } from './errors.ts'
import type { Answer } from './http/answer.ts'
import { retryAfterMs } from './stream/backoff.ts'

/** What is read of an error's body. */
const REFUSAL_BYTES = 64 * 1024
const SHOWN = 300

/** Answers that are the server's word on the message, not the road's: their JSON-RPC error is the answer (I-25, J-12). */
const IN_BAND: ReadonlySet<number> = new Set([400, 404, 405, 406, 409, 410, 415, 422, 501])

/** An answer that is no 2xx, read. */
export interface Refusal {
  readonly status: number
  readonly text: string
  /** The JSON-RPC error in it. */
  readonly error: JsonRpcError | undefined
  readonly retryAfterMs: number | undefined
}

export async function readRefusal (answer: Answer): Promise<Refusal> {
  const text = await answer.text(REFUSAL_BYTES).catch(() => '')
  return { status: answer.status, text, error: rpcError(text), retryAfterMs: retryAfterMs(answer.header('retry-after')) }
}

/** 404 says that a session is gone (I-5); 410 says the same in other words. */
export const GONE: ReadonlySet<number> = new Set([404, 410])

/** How servers word it that answer 400, as the official examples do after a restart. */
const LOST_SESSION = /(?:no valid|invalid|unknown|expired) session|session (?:id )?(?:is |was )?(?:not found|unknown|invalid|expired|gone)/i

/** Whether the answer to a request with a session id says that the server does not know the session. */
export function losesSession ({ status, error }: Refusal): boolean {
  return GONE.has(status) || (status === 400 && error !== undefined && LOST_SESSION.test(error.error.message))
}

/** Whether the JSON-RPC error names the very request it answers: a session that is gone knows none (I-5). */
export function namesRequest ({ error }: Refusal, message: JsonRpcMessage): boolean {
  return error !== undefined && isRequest(message) && error.id === message.id
}

/**
 * A refusal as the answer to its request: an error without id belongs to the POST it answers. `undefined` where the transport failed.
 * A refused handshake is never one, so that another transport can be tried.
 */
export function inBand (refusal: Refusal, request: JsonRpcRequest): JsonRpcError | undefined {
  const { status, error } = refusal
  if (request.method === 'initialize' || !IN_BAND.has(status)) return undefined
  if (error !== undefined) {
    const { id = null } = error
    return id === null || id === request.id ? { ...error, id: request.id } : undefined
  }
  // Old servers know neither the method nor how to say so: the probe is answered all the same (I-2).
  if (request.method !== 'server/discover') return undefined
  return { jsonrpc: '2.0', id: request.id, error: { code: ErrorCode.MethodNotFound, message: `HTTP ${status}`, data: { status } } }
}

/** A refusal as the error that `send` rejects with. */
export function refusalError ({ status, text, error, retryAfterMs }: Refusal): McpClientError {
  const said = error?.error.message ?? text.trim().slice(0, SHOWN)
  const detail = said === '' ? `HTTP ${status}` : `HTTP ${status}: ${said}`
  const fields = { status, body: text.slice(0, 4_096), retryAfterMs }
  const waits = status === 429 || (status === 503 && retryAfterMs !== undefined)
  return waits ? new MCP_CLIENT_THROTTLED(detail, fields) : new MCP_CLIENT_HTTP_STATUS(detail, fields)
}

function rpcError (text: string): JsonRpcError | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (!isObject(value) || !isError(value)) return undefined
    // Peers of the draft leave `jsonrpc` out of what their gateways write.
    return { jsonrpc: '2.0', id: readableId(value) ?? null, error: value.error }
  } catch {
    return undefined
  }
}

function isError (value: object): value is JsonRpcError {
  return 'error' in value && messageKind({ jsonrpc: '2.0', error: value.error }) === 'response'
}
