/** Turning a request away: a JSON-RPC error, and one log line with the same reason, which whoever watches the endpoint hears too. */
import { ErrorCode, errorResponse, observersOf, type Refusal } from '@mcp/protocol'
import type { FastifyReply } from 'fastify'
import type { Count } from './counters.ts'
import type { Limit } from './settings.ts'

const HEADERS = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' }
/** Seconds a client is asked to wait where nobody knows when there is room again. */
const SOON_S = 1

/** Too much within a window. `subject` completes "Too many …"; it is made of configured words, never of received ones. */
export function overLimit (subject: string, { max, windowMs }: Limit, leftMs: number): Refusal {
  const seconds = Math.max(1, Math.ceil(leftMs / 1000))
  return refused('rate-limit', 429, `Too many ${subject}: ${max} within ${windowMs / 1000} s are allowed; try again in ${seconds} s`, seconds)
}

/** Too much at once. */
export function tooBusy (status: 429 | 503, message: string): Refusal {
  return refused('concurrency', status, message, SOON_S)
}

export function send (reply: FastifyReply, refusal: Refusal): void {
  const { rung, status, code, message, headers } = refusal
  const details = { rung, status, code, reason: message }
  if (status >= 500) reply.log.warn(details, 'request refused')
  else reply.log.info(details, 'request refused')
  observersOf(reply.server, error => reply.log.error({ err: error }, 'an observer failed'))?.refused(refusal)
  reply.code(status).headers({ ...HEADERS, ...headers }).send(JSON.stringify(errorResponse(undefined, code, message)))
}

/** Without an id: the body was not read, or the transport knows it better. */
function refused (rung: string, status: number, message: string, retryAfterS: number): Refusal {
  return { kind: 'refused', rung, status, id: undefined, code: ErrorCode.InvalidRequest, message, headers: { 'retry-after': String(retryAfterS) } }
}

/** Whether a request stays within its limit; one that does not is answered already. */
export function within (limit: Limit, { count, leftMs }: Count, what: string, reply: FastifyReply): boolean {
  if (count <= limit.max) return true
  send(reply, overLimit(what, limit, leftMs))
  return false
}
