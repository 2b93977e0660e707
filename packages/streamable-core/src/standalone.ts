/** GET: the standalone stream of a session, or any of its streams from where the client lost it (C-18…C-30). */
import { ErrorCode, givenValue, Header, type RequestId } from '@mcp/protocol'
import { STANDALONE, type LiveSession } from '@mcp/session'
import { formatEventId, KEEP_ALIVE, messageFrame, parseEventId, primingFrame, type EventId } from '@mcp/sse'
import type { EventPage, StreamOwner } from '@mcp/storage'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Endpoint } from './endpoint.ts'
import { atExpiry } from './expiry.ts'
import { logged } from './logged.ts'
import { LOST_POSITION, lostFrames, requestOf } from './lost-result.ts'
import { ReaderAttachment, storedPosition, type ReadingPoint } from './reader-attachment.ts'
import { sendNothing, sendRefusal, sessionRefusal } from './refusal.ts'
import { sessionOwner } from './session-owner.ts'
import { newStreamName, primes } from './streams.ts'

const ANYBODY: StreamOwner = { node: null, requestIds: [] }

/** There is nothing after the place a client names, and never will be. */
const OVER = 'over'

/** The response of a request is no longer stored. */
interface Lost {
  readonly lost: RequestId
  readonly stream: string
}

export async function openStream (endpoint: Endpoint, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const session = await namedSession(endpoint, request, reply)
  if (session === null) return
  const lastEventId = givenValue(request.headers[Header.LastEventId])
  const wanted = lastEventId === undefined ? STANDALONE : parseEventId(lastEventId)?.stream ?? ''
  // Who takes a stream over opens none more.
  if (session.attachment(wanted) === undefined && session.openStreams >= endpoint.settings.limits.streamsPerSession) {
    return sendRefusal(reply, sessionRefusal('stream-cap', 429, 'This session has as many open streams as it may'))
  }
  const from = lastEventId === undefined ? await fresh(endpoint, session) : await resumed(endpoint, session, lastEventId)
  if (from === null) {
    const message = 'Last-Event-ID names no event that can be continued from; open a new stream'
    return sendRefusal(reply, { kind: 'refused', rung: 'last-event-id', status: 400, id: undefined, code: ErrorCode.InvalidRequest, message })
  }
  if (session.ended) return sendRefusal(reply, sessionRefusal('session-unknown', 404, 'Session not found'))
  // After a stream that ends, clients come back, some of them without the id, and so for another stream. This tells them not to.
  if (from === OVER) return sendNothing(reply)
  if ('lost' in from) {
    reply.log.warn({ requestId: logged(String(from.lost)) }, 'the result of a request is no longer stored: its client is told')
    return reply.mcpStream().end(lostFrames(from.stream, [from.lost]))
  }
  await attach(endpoint, session, from, reply)
}

/** The session a GET or DELETE names; answered already when there is none. */
export async function namedSession (endpoint: Endpoint, request: FastifyRequest, reply: FastifyReply): Promise<LiveSession | null> {
  const id = givenValue(request.headers[Header.SessionId])
  if (id === undefined) {
    sendRefusal(reply, sessionRefusal('session-missing', 400, 'The Mcp-Session-Id header is missing'))
    return null
  }
  const session = await endpoint.sessions.find(endpoint, sessionOwner(request), id)
  if (session === null) sendRefusal(reply, sessionRefusal('session-unknown', 404, 'Session not found'))
  else request.mcpSession = session
  return session
}

/**
 * Where a standalone stream without `Last-Event-ID` begins: after what was written to an earlier one, or, on the first of
 * the session, at its very beginning, since messages may have been waiting for it.
 */
async function fresh (endpoint: Endpoint, session: LiveSession): Promise<ReadingPoint> {
  const { events } = endpoint.sessions.storage
  // The connection before goes first: then it is known how far it got, and stays so.
  session.attachment(STANDALONE)?.close()
  await events.open(session.id, STANDALONE, ANYBODY)
  const written = session.standalonePosition ?? storedPosition(session)
  const page = await events.read(session.id, STANDALONE, written, 1)
  const position = page === null ? await events.append(session.id, STANDALONE, [], false) : written
  return { stream: STANDALONE, position, owner: ANYBODY, first: priming(endpoint, session, { stream: STANDALONE, position }) }
}

/** The place named by an event id, if this session has that stream and still holds what came after (C-24…C-26, C-28). */
async function resumed (endpoint: Endpoint, session: LiveSession, lastEventId: string): Promise<ReadingPoint | typeof OVER | Lost | null> {
  const from = parseEventId(lastEventId)
  if (from === null) return null
  const page = await endpoint.sessions.storage.events.read(session.id, from.stream, from.position, 1)
  if (page !== null) return pointIn(endpoint, session, from, page)
  const requestId = requestOf(session.id, from.stream)
  if (requestId === undefined) return null
  if (from.position === LOST_POSITION) return OVER
  const { events } = endpoint.sessions.storage
  const end = await events.append(session.id, from.stream, [], false)
  const last = end === 0 ? null : await events.read(session.id, from.stream, end, 1)
  // No client was given an id beyond the end.
  if (last?.ended === true && end < from.position) return null
  return await beyondTrimmed(endpoint, session, from, end) ?? { lost: requestId, stream: from.stream }
}

/**
 * Where what came next on a request's stream was trimmed: the newest of it that is kept, since the client waits for its response and not
 * for what came before. `null` where the response is gone too.
 */
async function beyondTrimmed (endpoint: Endpoint, session: LiveSession, from: EventId, end: number): Promise<ReadingPoint | null> {
  const { events } = endpoint.sessions.storage
  if (end < from.position || end === 0) return null
  for (const position of [end - 1, end]) {
    const page = await events.read(session.id, from.stream, position, 1)
    const point = page === null ? OVER : pointIn(endpoint, session, { ...from, position }, page)
    if (point !== OVER) return point
  }
  return null
}

function pointIn (
  endpoint: Endpoint, session: LiveSession, from: EventId, { owner, ended, events }: EventPage
): ReadingPoint | typeof OVER {
  const [missed] = events
  if (missed !== undefined) {
    const first = KEEP_ALIVE + messageFrame(missed.message, formatEventId(from.stream, missed.position))
    return { ...from, position: missed.position, owner, replayed: 1, first }
  }
  return ended ? OVER : { ...from, owner, replayed: 0, first: priming(endpoint, session, from) }
}

/** What a client is given that has to wait for the first event. */
function priming (endpoint: Endpoint, session: LiveSession, { stream, position }: EventId): string {
  if (!primes(session)) return KEEP_ALIVE
  const mark = newStreamName(endpoint.sessions.node)
  return KEEP_ALIVE + primingFrame(formatEventId(stream, position, mark), endpoint.retryMs)
}

/**
 * Official clients forget the id they resumed with: should the new connection be lost before it brings another one, they ask
 * for the standalone stream, and wait for their response forever. So the headers wait for an event with an id, and leave with
 * it in one write; without headers a client tries again with the id it has.
 */
async function attach (endpoint: Endpoint, session: LiveSession, from: ReadingPoint, reply: FastifyReply): Promise<void> {
  const kind = from.replayed === undefined ? 'standalone' : 'resumed'
  const watch = endpoint.observers?.streamOpened({ kind, revision: session.revision, session })
  const connection = reply.mcpStream({ silent: true, watch })
  const attachment = new ReaderAttachment(endpoint, session, from, connection, reply)
  // Not the connection itself: what it begins with has to be out before it ends.
  atExpiry(reply, () => attachment.close())
  try {
    await endpoint.sessions.attach(session, attachment)
    attachment.wake()
  } catch (error) {
    // Nothing was sent, so the client gets a status that says why.
    connection.destroy(error instanceof Error ? error : new Error(String(error)))
  }
}
