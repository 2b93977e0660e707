/** The sessions whose streams this node holds, and the way to those of other nodes. */
import { givenValue, Header, isRequest, isResponseMessage, type InitializeParams, type JsonRpcMessage, type Refusal } from '@mcp/protocol'
import { Inbox, shortSessionId, type LiveSession } from '@mcp/session'
import { eventFrame, EventStream, KEEP_ALIVE, replyClosed, retryFrame } from '@mcp/sse'
import { addressOf, atExpiry, NODE_UNREACHABLE, sendRefusal, sessionOwner, sessionRefusal, type Endpoint } from '@mcp/streamable-core'
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify'
import { forwarded, forwardedFrom } from './forwarded-message.ts'
import { handshakeOf, type KnownHandshake } from './handshake-id.ts'
import type { MessagesUrl } from './messages-url.ts'
import { OWN_REVISION, SseSession } from './sse-session.ts'

/** What is known of a client before it says `initialize`. */
const NO_HANDSHAKE: InitializeParams = { protocolVersion: OWN_REVISION, capabilities: {}, clientInfo: { name: 'unknown', version: '0' } }

const UNKNOWN = sessionRefusal('session-unknown', 404, 'Session not found')

export class SseSessions {
  readonly #endpoint: Endpoint
  readonly #messagesUrl: MessagesUrl
  readonly #parameters: readonly string[]
  readonly #open = new Map<string, SseSession>()

  /** `parameters`: of the path of messages. A session belongs to their values. */
  constructor (endpoint: Endpoint, messagesUrl: MessagesUrl, parameters: readonly string[]) {
    this.#endpoint = endpoint
    this.#messagesUrl = messagesUrl
    this.#parameters = parameters
  }

  /** Answers a GET with the stream of a new session. */
  readonly open = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const { sessions, sseEndpoint } = this.#endpoint
    if (this.#endpoint.full) return sendRefusal(reply, capped(503))
    const session = sessions.open(sseEndpoint, this.#ownerOf(request), NO_HANDSHAKE, OWN_REVISION, addressOf(request))
    const outcome = await sessions.store(session)
    if (outcome !== 'created') return sendRefusal(reply, capped(outcome === 'total-reached' ? 503 : 429))
    const inbox = await this.#inbox(session, reply.log)
    request.mcpSession = session
    const over = (): void => {
      this.#open.delete(session.id)
      const onError = (error: unknown): void => reply.log.error({ err: error, session: shortSessionId(session.id) }, 'a session could not be ended')
      Promise.all([inbox.close(), session.ended ? null : session.terminate('the client closed its stream')]).catch(onError)
    }
    // It may have gone while the storage was asked.
    if (replyClosed(reply)) return over()
    const known = handshakeOf(givenValue(request.headers[Header.LastEventId]), this.#endpoint.revisions)
    this.#stream(session, known, inbox, this.#messagesUrl.of(request), reply, over)
  }

  /** Takes a POSTed message to the node that holds the stream. A refusal says why it did not get there. */
  async take (id: string, message: JsonRpcMessage, request: FastifyRequest): Promise<Refusal | null> {
    const { sessions, sseEndpoint } = this.#endpoint
    const caller = this.#ownerOf(request)
    const here = this.#open.get(id)
    const session = here === undefined ? await sessions.find(sseEndpoint, caller, id) : here.session
    if (session === null || session.principalKey !== caller) return UNKNOWN
    request.mcpSession = session
    if (isResponseMessage(message)) return await sessions.resolve(session, message) ? null : NODE_UNREACHABLE
    if (here === undefined) return this.#forward(session, message, request)
    here.take(message, request)
    return null
  }

  #ownerOf ({ mcpPrincipal, params }: FastifyRequest): string {
    const values = this.#parameters.map(name => [name, Reflect.get(Object(params), name)] as const)
    return sessionOwner({ mcpPrincipal, params: Object.fromEntries(values) })
  }

  close (): void {
    for (const session of [...this.#open.values()]) session.close()
  }

  /** What other nodes take for the session. Nobody would ever end one that cannot hear of it. */
  async #inbox (session: LiveSession, log: FastifyBaseLogger): Promise<Inbox> {
    const { node, storage } = this.#endpoint.sessions
    const details = { session: shortSessionId(session.id) }
    const inbox = new Inbox(storage, session.id, {
      take: entry => {
        const put = forwardedFrom(entry, log)
        if (put === null) log.error(details, 'a message from another node names no caller and is dropped: do all nodes run the same version?')
        else this.#open.get(session.id)?.take(put.message, put.origin)
      },
      onError: error => log.error({ ...details, err: error }, 'what other nodes took could not be read'),
      onLost: () => {
        log.error(details, 'what other nodes took is no longer kept: the session ends')
        this.#open.get(session.id)?.forgotten()
      }
    })
    try {
      await inbox.open(node)
      return inbox
    } catch (error) {
      await session.terminate('its messages cannot be heard')
      throw error
    }
  }

  #stream (
    session: LiveSession, known: KnownHandshake | null, inbox: Inbox, messagesUrl: string, reply: FastifyReply, over: () => void
  ): void {
    const watch = this.#endpoint.observers?.streamOpened({ kind: 'http+sse', revision: session.revision, session })
    const connection = reply.mcpStream({ silent: true, watch })
    // Running requests get their time when the server closes; then the plugin ends the stream.
    connection.onShutdown(() => {})
    const events = new EventStream(null, { frame: json => opened.frame(json), onOver: over, onError: () => {} })
    events.attach(connection)
    const opened = new SseSession(this.#endpoint, session, events, inbox)
    if (known !== null) opened.resume(known)
    this.#open.set(session.id, opened)
    session.attach(opened)
    session.onClose(() => opened.close())
    atExpiry(reply, () => opened.close())
    connection.write(KEEP_ALIVE + retryFrame(this.#endpoint.retryMs) + eventFrame({ event: 'endpoint', data: `${messagesUrl}?sessionId=${session.id}` }))
    reply.log.info({ session: shortSessionId(session.id), resumed: known !== null }, 'HTTP+SSE session opened')
  }

  /** The node that holds the stream may be gone, and the session with it; one that is cut off finds the message when it is back. */
  async #forward (session: LiveSession, message: JsonRpcMessage, request: FastifyRequest): Promise<Refusal | null> {
    if (await Inbox.put(this.#endpoint.sessions.storage, session.id, forwarded(message, request))) return null
    await session.terminate('nobody holds its stream')
    return isRequest(message) ? { ...UNKNOWN, id: message.id } : UNKNOWN
  }
}

function capped (status: 429 | 503): Refusal {
  const message = status === 429
    ? 'You hold as many sessions as you may; end one or try again later'
    : 'This server takes no new sessions right now; try again later'
  return sessionRefusal('session-cap', status, message)
}
