/** POST in the legacy era: session rules, then one exchange per message (A-15…, D-5…D-7). */
import {
  ASSUMED_REVISION, Header, givenValue, isNotification, isRequest, isRequestId, isResponseMessage, negotiate,
  type Acceptable, type InitializeParams, type JsonRpcMessage, type JsonRpcNotification, type JsonRpcRequest,
  type LegacyPost, type Revision
} from '@mcp/protocol'
import { shortSessionId, type LiveSession } from '@mcp/session'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Endpoint } from './endpoint.ts'
import { HttpExchange } from './http-exchange.ts'
import { InboundExchange, sourceOf } from './inbound-exchange.ts'
import { PostReply } from './post-reply.ts'
import { NODE_UNREACHABLE, sendAccepted, sendRefusal, sessionRefusal } from './refusal.ts'
import { addressOf } from './request-info.ts'
import { sessionOwner } from './session-owner.ts'
import { SessionOpening } from './session-opening.ts'
import { SessionStreams, sessionlessStreams } from './streams.ts'

/** Batches left the protocol with this revision. */
const FIRST_WITHOUT_BATCHES = '2025-06-18'

export function legacyPost (
  endpoint: Endpoint, request: FastifyRequest, reply: FastifyReply, post: LegacyPost, acceptable: Acceptable
): void | Promise<void> {
  const { body, named } = post
  const initialize = !Array.isArray(body) && isInitialize(body as JsonRpcMessage) ? body as JsonRpcRequest : null
  if (!endpoint.policy.sessions) return sessionless(endpoint, request, reply, post, acceptable)

  const id = givenValue(request.raw.headers[Header.SessionId])
  if (initialize !== null && id === undefined) return open(endpoint, request, reply, initialize, acceptable)
  if (id === undefined) {
    const message = 'The Mcp-Session-Id header is missing; open a session with initialize first'
    return sendRefusal(reply, sessionRefusal('session-missing', 400, message, idOf(body)))
  }
  const go = (session: LiveSession | null): void | Promise<void> => {
    if (initialize !== null) {
      if (session === null) return open(endpoint, request, reply, initialize, acceptable)
      return sendRefusal(reply, sessionRefusal('session-known', 400, 'This session is already initialized', initialize.id))
    }
    if (session === null) return sendRefusal(reply, sessionRefusal('session-unknown', 404, 'Session not found'))
    return inSession(endpoint, session, request, reply, body, named, acceptable)
  }
  const session = endpoint.sessions.find(endpoint, sessionOwner(request), id)
  return session instanceof Promise ? session.then(go) : go(session)
}

function inSession (
  endpoint: Endpoint, session: LiveSession, request: FastifyRequest, reply: FastifyReply, body: LegacyPost['body'],
  named: Revision | undefined, acceptable: Acceptable
): void | Promise<void> {
  request.mcpSession = session
  if (named !== undefined && named !== session.revision) {
    const details = { session: shortSessionId(session.id), named, negotiated: session.revision }
    request.log.info(details, 'MCP-Protocol-Version differs from the negotiated version, which counts')
  }
  const messages = messagesOf(body, session.revision)
  if (messages === null) return sendRefusal(reply, batchRefusal(session.revision))
  if (session.openStreams >= endpoint.settings.limits.streamsPerSession && messages.some(isRequest)) {
    return sendRefusal(reply, sessionRefusal('stream-cap', 429, 'This session has as many open streams as it may', idOf(body)))
  }
  const streams = new SessionStreams(session, endpoint.sessions, endpoint.retryMs)
  const post = new PostReply(reply, acceptable, endpoint.settings.response, Array.isArray(body), streams, endpoint)
  return dispatch(endpoint, messages, session.revision, session, request, reply, post)
}

function sessionless (
  endpoint: Endpoint, request: FastifyRequest, reply: FastifyReply, { body, named }: LegacyPost, acceptable: Acceptable
): void | Promise<void> {
  const asked = initializeVersion(body)
  const revision = named ?? (asked === undefined ? ASSUMED_REVISION : negotiate(asked, endpoint.revisions) ?? ASSUMED_REVISION)
  if (!endpoint.revisions.includes(revision)) {
    const message = `MCP-Protocol-Version is missing; supported are ${endpoint.revisions.join(', ')}`
    return sendRefusal(reply, sessionRefusal('protocol-version', 400, message, idOf(body)))
  }
  const messages = messagesOf(body, revision)
  if (messages === null) return sendRefusal(reply, batchRefusal(revision))
  const post = new PostReply(reply, acceptable, endpoint.settings.response, Array.isArray(body), sessionlessStreams, endpoint)
  return dispatch(endpoint, messages, revision, null, request, reply, post)
}

/** `initialize`: the session it asks for exists for nobody else until it was answered. */
function open (
  endpoint: Endpoint, request: FastifyRequest, reply: FastifyReply, message: JsonRpcRequest, acceptable: Acceptable
): void {
  if (endpoint.full) {
    return sendRefusal(reply, sessionRefusal('session-cap', 503, 'This server takes no new sessions right now; try again later', message.id))
  }
  const { limits, response } = endpoint.settings
  if (JSON.stringify(message.params ?? {}).length > limits.handshakeCharacters) {
    return sendRefusal(reply, sessionRefusal('handshake', 413, `initialize is larger than ${limits.handshakeCharacters} characters`, message.id))
  }
  const revision = negotiate(message.params?.protocolVersion, endpoint.revisions) ?? ASSUMED_REVISION
  const handshake = (message.params ?? {}) as InitializeParams
  const session = endpoint.sessions.open(endpoint, sessionOwner(request), handshake, revision, addressOf(request))
  const opening = new SessionOpening(session, endpoint.sessions, reply, endpoint.revisions)
  request.mcpSession = session
  const streams = new SessionStreams(session, endpoint.sessions, endpoint.retryMs, opening)
  const post = new PostReply(reply, acceptable, response, false, streams, endpoint)
  endpoint.run(new HttpExchange(message, revision, session, request, post, endpoint, opening))
  endpoint.begin(post)
}

function dispatch (
  endpoint: Endpoint, messages: readonly JsonRpcMessage[], revision: Revision, session: LiveSession | null, request: FastifyRequest,
  reply: FastifyReply, post: PostReply
): void | Promise<void> {
  const [first] = messages
  if (messages.length === 1 && first !== undefined && isRequest(first)) {
    endpoint.run(new HttpExchange(first, revision, session, request, post, endpoint))
    return endpoint.begin(post)
  }
  // All requests join the reply before any runs: the first answer must not find itself the last.
  const exchanges: HttpExchange[] = []
  const forwarded: Array<Promise<boolean | void>> = []
  for (const message of messages) {
    if (isRequest(message)) exchanges.push(new HttpExchange(message, revision, session, request, post, endpoint))
  }
  for (const message of messages) {
    if (isNotification(message)) forwarded.push(...notified(endpoint, message, revision, session, request))
    else if (isResponseMessage(message) && session !== null) forwarded.push(endpoint.sessions.resolve(session, message))
  }
  if (exchanges.length > 0) {
    for (const exchange of exchanges) endpoint.run(exchange)
    endpoint.begin(post)
  }
  if (forwarded.length === 0) return exchanges.length === 0 ? sendAccepted(reply) : undefined
  return Promise.all(forwarded).then(taken => {
    if (exchanges.length > 0) return
    if (!taken.includes(false)) return sendAccepted(reply)
    sendRefusal(reply, NODE_UNREACHABLE)
  })
}

function notified (
  endpoint: Endpoint, message: JsonRpcNotification, revision: Revision, session: LiveSession | null, request: FastifyRequest
): Array<Promise<void>> {
  if (message.method !== 'notifications/cancelled') {
    endpoint.run(new InboundExchange(message, revision, session, sourceOf(request)))
    return []
  }
  const requestId = message.params?.requestId
  if (session === null || !isRequestId(requestId)) return []
  const reason = message.params?.reason
  return [endpoint.sessions.cancel(session, requestId, typeof reason === 'string' ? reason : undefined)]
}

function messagesOf (body: LegacyPost['body'], revision: Revision): readonly JsonRpcMessage[] | null {
  if (!Array.isArray(body)) return [body as JsonRpcMessage]
  return revision < FIRST_WITHOUT_BATCHES ? body : null
}

function batchRefusal (revision: Revision): ReturnType<typeof sessionRefusal> {
  return sessionRefusal('batch', 400, `Batches do not exist in protocol version ${revision}`)
}

function isInitialize (message: JsonRpcMessage): boolean {
  return isRequest(message) && message.method === 'initialize'
}

function initializeVersion (body: LegacyPost['body']): Revision | undefined {
  if (Array.isArray(body) || !isInitialize(body as JsonRpcMessage)) return undefined
  const version = (body as JsonRpcRequest).params?.protocolVersion
  return typeof version === 'string' ? version as Revision : undefined
}

function idOf (body: LegacyPost['body']): string | number | undefined {
  return !Array.isArray(body) && isRequest(body as JsonRpcMessage) ? (body as JsonRpcRequest).id : undefined
}
