/** The two endpoints of the transport: a stream to open, and messages to POST (F-1, F-7, F-8). */
import { acceptable, ErrorCode, essence, fieldValue, givenValue, JSON_TYPE, messageKind, quote, type JsonRpcMessage, type Refusal } from '@mcp/protocol'
import {
  commonRouteOptions, FastifyRequestHead, ignoreBody, judge, paramsRefusal, sendAccepted, sendRefusal, sessionRefusal, takeJson, urlsOf,
  type Endpoint, type LogSerializers
} from '@mcp/streamable-core'
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify'
import type { SseSessions } from './sse-sessions.ts'

const METHODS: HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE']

interface Query {
  readonly sessionId?: unknown
}

export interface Routes {
  readonly ssePath: string
  readonly messagesPath: string
  readonly logSerializers: LogSerializers | undefined
}

export function addRoutes (scope: FastifyInstance, endpoint: Endpoint, sessions: SseSessions, routes: Routes): void {
  const { ssePath, messagesPath, logSerializers } = routes
  const { limits } = endpoint.settings
  takeJson(scope, limits)
  const add = (url: string, method: HTTPMethods, faultOf: (request: FastifyRequest) => Refusal | null, handler: Handler): void => {
    const onRequest = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
      if (!await endpoint.admission(request, reply)) return
      const fault = request.method === method ? faultOf(request) : notAllowed(request.method, method)
      if (fault !== null) sendRefusal(reply, fault)
    }
    const base = { ...commonRouteOptions(scope, { limits, logSerializers }), url }
    const common = { ...base, onRequest }
    scope.route({ ...common, method, handler: async (request, reply) => { await handler(request, reply); return reply } })
    scope.route({ ...common, method: METHODS.filter(other => other !== method), handler: () => {} })
    const allow = `${method}, OPTIONS`
    const options = (_request: FastifyRequest, reply: FastifyReply): void => { reply.code(204).header('allow', allow).send() }
    scope.route({ ...base, method: 'OPTIONS', onRequest: async request => ignoreBody(request), handler: options })
  }
  for (const url of urlsOf(scope, ssePath)) add(url, 'GET', streamFault, sessions.open)
  for (const url of urlsOf(scope, messagesPath)) add(url, 'POST', messageFault, (request, reply) => post(endpoint, sessions, request, reply))
}

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<void>

async function post (endpoint: Endpoint, sessions: SseSessions, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const { body } = request
  const { sessionId } = request.query as Query
  if (typeof sessionId !== 'string') return sendRefusal(reply, sessionRefusal('session-missing', 400, 'The query names no sessionId, or several'))
  if (messageKind(body) === null) {
    return sendRefusal(reply, refusal('message', 400, 'The body is not a JSON-RPC 2.0 message'))
  }
  const message = body as JsonRpcMessage
  const { handshakeCharacters } = endpoint.settings.limits
  if ('method' in message && message.method === 'initialize' && JSON.stringify(message).length > handshakeCharacters) {
    return sendRefusal(reply, refusal('handshake', 413, `initialize is larger than ${handshakeCharacters} characters`))
  }
  const caller = { principal: request.mcpPrincipal, head: new FastifyRequestHead(request) }
  const fault = paramsRefusal(message, endpoint.settings.limits) ?? await judge(endpoint.gates, [message], caller)
  const refused = fault ?? await sessions.take(sessionId, message, request)
  return refused === null ? sendAccepted(reply) : sendRefusal(reply, refused)
}

function streamFault ({ headers }: FastifyRequest): Refusal | null {
  const accept = givenValue(headers.accept)
  return acceptable(accept).stream ? null : refusal('accept', 406, `Accept must admit text/event-stream, got ${quote(accept)}`)
}

function messageFault ({ headers }: FastifyRequest): Refusal | null {
  const contentType = fieldValue(headers['content-type'])
  if (essence(contentType) !== JSON_TYPE) return refusal('media-type', 415, `Content-Type must be ${JSON_TYPE}, got ${quote(contentType)}`)
  const coding = givenValue(headers['content-encoding'])
  if (coding === undefined || coding.toLowerCase() === 'identity') return null
  return refusal('content-coding', 415, `Content-Encoding ${quote(coding)} is not supported; send the body as it is`)
}

/** Clients that look for Streamable HTTP here POST first; this answer makes them fall back (F-7). */
function notAllowed (method: string, allow: string): Refusal {
  return { ...refusal('method', 405, `Method ${quote(method)} is not allowed here; this path belongs to the HTTP+SSE transport`), allow }
}

function refusal (rung: string, status: number, message: string): Refusal {
  return { kind: 'refused', rung, status, id: undefined, code: ErrorCode.InvalidRequest, message }
}
