/** Turning a request away: one shape, one log line. */
import { ErrorCode, errorResponse, type Refusal } from '@mcp/protocol'
import type { FastifyReply } from 'fastify'

/** Seconds a client is asked to wait after 429 and 503. */
const RETRY_AFTER_S = 1

/**
 * Answers with a JSON-RPC error and logs the reason with its rung. Messages are made of our own words and sanitized
 * excerpts, so they are safe on the wire and in the log.
 */
export function sendRefusal (reply: FastifyReply, refusal: Refusal): void {
  reply.server.mcp.observers?.refused(refusal)
  const { rung, status, code, message, id, data, allow, headers } = refusal
  const details = { rung, status, code, reason: message }
  if (status >= 500) reply.log.warn(details, 'request refused')
  else reply.log.info(details, 'request refused')
  if (allow !== undefined) reply.header('allow', allow)
  // A hook of somebody else's may know better.
  if ((status === 429 || status === 503) && !reply.hasHeader('retry-after')) reply.header('retry-after', RETRY_AFTER_S)
  if (headers !== undefined) reply.headers(headers)
  sendJson(reply, status, JSON.stringify(errorResponse(id, code, message, data)))
}

export function sendJson (reply: FastifyReply, status: number, json: string): void {
  if (status !== 200) reply.code(status)
  reply.header('content-type', 'application/json; charset=utf-8').header('cache-control', 'no-store').send(json)
}

/** 202 with an empty body and no content type: what every accepted notification and response gets. */
export function sendAccepted (reply: FastifyReply): void {
  reply.code(202).send()
}

/** 204: the stream a client comes back for has nothing more for it. Readers of event streams take it for a word to come no more. */
export function sendNothing (reply: FastifyReply): void {
  reply.code(204).header('cache-control', 'no-store').send()
}

/** A client's response that cannot get to whoever waits for it; the client should try again. */
export const NODE_UNREACHABLE = sessionRefusal(
  'node-unreachable', 503, 'The node that waits for this response cannot be reached; try again later')

/** The refusals of the session rules; those of the ladder are made there. */
export function sessionRefusal (rung: string, status: number, message: string, id?: Refusal['id']): Refusal {
  return { kind: 'refused', rung, status, id, code: ErrorCode.InvalidRequest, message }
}
