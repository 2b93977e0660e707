/** What goes wrong before our own code has the request: Fastify's body limits, our parser, hooks of others. */
import { ErrorCode } from '@mcp/protocol'
import { failureDetails } from '@mcp/storage'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { sendRefusal } from './refusal.ts'

/** Internal details stay in the log; a hook's own status and, below 500, its message are kept. */
export function handleError (error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const refused = (rung: string, status: number, code: number, message: string): void =>
    sendRefusal(reply, { kind: 'refused', rung, status, id: undefined, code, message })

  // Fastify closes the connection when a body cannot be read. HTTP/2 has no such header, and closes streams instead.
  if (request.raw.httpVersionMajor === 2) reply.removeHeader('connection')
  // The client left before its stream had a first byte. Nobody reads the answer; a proxy's log calls it 499 as well.
  if (error.code === 'ERR_STREAM_PREMATURE_CLOSE' && reply.raw.destroyed) {
    request.log.info('the client left before the reply began')
    reply.code(499).send()
    return
  }
  if (error.code === 'MCP_ENDPOINT_BODY_UNREADABLE') return refused('body', 400, ErrorCode.ParseError, error.message)
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    const limit = request.routeOptions.bodyLimit
    return refused('body', 413, ErrorCode.InvalidRequest, `The body is larger than ${limit} bytes`)
  }
  if (error.code === 'FST_ERR_CTP_INVALID_CONTENT_LENGTH') return refused('body', 400, ErrorCode.ParseError, 'Content-Length does not match the body')
  const status = error.statusCode ?? 500
  if (status >= 400 && status < 500) return refused('hook', status, ErrorCode.InvalidRequest, error.message)
  request.log.error(failureDetails(error), 'request failed')
  const unavailable = status === 503
  return refused('failure', unavailable ? 503 : 500, ErrorCode.InternalError, unavailable ? 'Temporarily unavailable' : 'Internal error')
}
