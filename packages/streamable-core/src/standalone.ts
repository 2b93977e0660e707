/** GET: the standalone stream of a session, or any of its streams from where the client lost it (C-18…C-30). */
import { ErrorCode, fieldValue, Header, principalKey } from '@mcp/protocol'
import { STANDALONE, type Attachment, type LiveSession, type Sessions } from '@mcp/session'
import { formatEventId, parseEventId, primingFrame, retryFrame, StreamReader, type EventId, type SseConnection, type StreamReaderHooks } from '@mcp/sse'
import type { StreamOwner } from '@mcp/storage'
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify'
import type { Endpoint } from './endpoint.ts'
import { sendRefusal, sessionRefusal } from './refusal.ts'
import { newStreamName, primes } from './streams.ts'

/** Where a connection begins to read, and who writes there. */
interface StartingPoint extends EventId {
  readonly owner: StreamOwner
  /** Whether the client waits for the first event: none is there for it, and the stream goes on. */
  readonly quiet: boolean
}

const ANYBODY: StreamOwner = { node: null, requestIds: [] }

export async function openStream (endpoint: Endpoint, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const session = await namedSession(endpoint, request, reply)
  if (session === null) return
  const lastEventId = fieldValue(request.headers, Header.LastEventId)
  const wanted = lastEventId === undefined ? STANDALONE : parseEventId(lastEventId)?.stream ?? ''
  // Who takes a stream over opens none more.
  if (session.attachment(wanted) === undefined && session.openStreams >= endpoint.settings.limits.streamsPerSession) {
    return sendRefusal(reply, sessionRefusal('stream-cap', 429, 'This session has as many open streams as it may'))
  }
  const from = lastEventId === undefined ? await fresh(endpoint.sessions, session) : await resumed(endpoint.sessions, session, lastEventId)
  if (from === null) {
    const message = 'Last-Event-ID names no event that can be continued from; open a new stream'
    return sendRefusal(reply, { kind: 'refused', rung: 'last-event-id', status: 400, id: undefined, code: ErrorCode.InvalidRequest, message })
  }
  if (session.ended) return sendRefusal(reply, sessionRefusal('session-unknown', 404, 'Session not found'))
  await attach(endpoint, session, from, reply)
}

/** The session a GET or DELETE names; answered already when there is none. */
export async function namedSession (endpoint: Endpoint, request: FastifyRequest, reply: FastifyReply): Promise<LiveSession | null> {
  const id = fieldValue(request.headers, Header.SessionId)
  if (id === undefined) {
    sendRefusal(reply, sessionRefusal('session-missing', 400, 'The Mcp-Session-Id header is missing'))
    return null
  }
  const session = await endpoint.sessions.find(endpoint, principalKey(request.mcpPrincipal), id)
  if (session === null) sendRefusal(reply, sessionRefusal('session-unknown', 404, 'Session not found'))
  else request.mcpSession = session
  return session
}

/**
 * Where a standalone stream without `Last-Event-ID` begins: after what was written to an earlier one, or, on the first of
 * the session, at its very beginning, since messages may have been waiting for it.
 */
async function fresh (sessions: Sessions, session: LiveSession): Promise<StartingPoint> {
  const { events } = sessions.storage
  // The connection before goes first: then it is known how far it got, and stays so.
  session.attachment(STANDALONE)?.close()
  await events.open(session.id, STANDALONE, ANYBODY)
  const position = session.standalonePosition ?? known(session.state[POSITION])
  const page = await events.read(session.id, STANDALONE, position, 1)
  const from = page === null ? await events.append(session.id, STANDALONE, [], false) : position
  return { stream: STANDALONE, position: from, owner: ANYBODY, quiet: true }
}

/** Key of the session's state that says how far the standalone stream was written, for whoever opens it next, on any node. */
const POSITION = 'transport:standalone'

function known (position: unknown): number {
  return typeof position === 'number' ? position : 0
}

/** The place named by an event id, if this session has that stream and still holds what came after (C-24…C-26). */
async function resumed (sessions: Sessions, session: LiveSession, lastEventId: string): Promise<StartingPoint | null> {
  const from = parseEventId(lastEventId)
  const page = from === null ? null : await sessions.storage.events.read(session.id, from.stream, from.position, 1)
  return page === null || from === null ? null : { ...from, owner: page.owner, quiet: page.events.length === 0 && !page.ended }
}

async function attach (endpoint: Endpoint, session: LiveSession, from: StartingPoint, reply: FastifyReply): Promise<void> {
  const connection = reply.mcpStream()
  const attachment = new ReaderAttachment(endpoint, session, from, connection, reply)
  // Official clients forget the id they resumed with: should this connection be lost before it brings another one, they
  // would ask for the standalone stream, and wait for their response forever.
  const id = formatEventId(from.stream, from.position, attachment.id)
  if (from.quiet && primes(session)) connection.write(primingFrame(id, endpoint.retryMs))
  await endpoint.sessions.attach(session, attachment)
  attachment.wake()
}

/** Carries a stored stream to one connection, and remembers how far the standalone stream got. */
class ReaderAttachment implements Attachment, StreamReaderHooks {
  readonly id: string
  readonly stream: string
  readonly #reader: StreamReader
  readonly #connection: SseConnection
  readonly #retryMs: number
  readonly #log: FastifyBaseLogger

  constructor (endpoint: Endpoint, session: LiveSession, from: StartingPoint, connection: SseConnection, reply: FastifyReply) {
    this.id = newStreamName(endpoint.sessions.node)
    this.stream = from.stream
    this.#connection = connection
    this.#retryMs = endpoint.retryMs
    const target = { events: endpoint.sessions.storage.events, session: session.id, stream: from.stream }
    this.#reader = new StreamReader(target, from.position, connection, this)
    this.#log = reply.log
    connection.onShutdown(() => connection.end(retryFrame(endpoint.retryMs)))
    const forget = endpoint.sessions.orphans.watch(session.id, from.stream, from.owner, () => this.wake())
    connection.onOver(reason => {
      forget()
      session.detach(this)
      if (from.stream === STANDALONE) this.#remember(session)
      if (reason === 'overflow') reply.log.warn({ stream: from.stream }, 'a slow reader was disconnected; it can resume')
    })
  }

  #remember (session: LiveSession): void {
    const position = this.#reader.position
    session.standalonePosition = position
    if (session.ended || position === known(session.state[POSITION])) return
    session.setState({ [POSITION]: position }).catch(error => this.onError(error))
  }

  onError (error: unknown): void {
    this.#log.warn({ err: error, stream: this.stream }, 'a stream could not be continued')
  }

  wake (): void {
    this.#reader.wake()
  }

  offer (json: string, position: number): void {
    this.#reader.offer(json, position)
  }

  close (): void {
    this.#connection.end()
  }

  release (retryMs: number | undefined): void {
    this.#connection.end(retryFrame(retryMs ?? this.#retryMs))
  }
}
