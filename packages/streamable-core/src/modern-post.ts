/** POST in the modern era: no session, one exchange, gone when its client is gone. */
import { ErrorCode, isLogLevel, MetaKey, metaOf, type Acceptable, type ModernRequest } from '@mcp/protocol'
import { replyClosed, whenOver } from '@mcp/sse'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Endpoint } from './endpoint.ts'
import { HttpExchange } from './http-exchange.ts'
import { logFields } from './logged.ts'
import { PostReply } from './post-reply.ts'
import { sendRefusal } from './refusal.ts'
import { modernStreams } from './streams.ts'

export function modernPost (
  endpoint: Endpoint, request: FastifyRequest, reply: FastifyReply, modern: ModernRequest, acceptable: Acceptable
): void | Promise<void> {
  const { message, revision } = modern
  const level = metaOf(message)?.[MetaKey.LogLevel]
  if (level !== undefined && !isLogLevel(level)) {
    const fault = `${MetaKey.LogLevel} is no log level`
    return sendRefusal(reply, { kind: 'refused', rung: 'log-level', status: 400, id: message.id, code: ErrorCode.InvalidParams, message: fault })
  }
  if (message.method === 'subscriptions/listen') return endpoint.listens.open(message, revision, request, reply)
  if (message.method !== 'tools/call') return execute(endpoint, request, reply, modern, acceptable)

  const judge = (fault: string | undefined): void => {
    if (fault === undefined) return execute(endpoint, request, reply, modern, acceptable)
    sendRefusal(reply, { kind: 'refused', rung: 'header-param', status: 400, id: message.id, code: ErrorCode.HeaderMismatch, message: fault })
  }
  const fault = endpoint.toolParams.mismatch(message, revision, request)
  return fault instanceof Promise ? fault.then(judge) : judge(fault)
}

function execute (endpoint: Endpoint, request: FastifyRequest, reply: FastifyReply, modern: ModernRequest, acceptable: Acceptable): void {
  // It may have gone while the tools were looked up.
  if (replyClosed(reply)) return request.log.info(logFields(modern.message), 'the client disconnected before its request was run')
  const post = new PostReply(reply, acceptable, endpoint.settings.response, false, modernStreams, endpoint)
  const exchange = new HttpExchange(modern.message, modern.revision, null, request, post, endpoint)
  endpoint.run(exchange)
  if (post.over) return
  endpoint.begin(post)
  // A client that goes away cancels what it asked for, whether or not a byte was sent (C-34).
  whenOver(reply, () => {
    if (!post.over) post.lost('the client disconnected')
  })
}
