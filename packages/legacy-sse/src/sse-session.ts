/** A client's session for as long as its stream is open, on the node that holds it (F-2, F-3, F-9, F-12). */
import {
  ErrorCode, eraOf, errorResponse, isErrorResponse, isNotification, isRequest, isRequestId, negotiate, type InitializeParams,
  type JsonRpcMessage, type JsonRpcNotification, type JsonRpcRequest, type JsonRpcResponse, type Revision
} from '@mcp/protocol'
import { shortSessionId, STANDALONE, type Attachment, type Inbox, type LiveSession } from '@mcp/session'
import type { EventStream } from '@mcp/sse'
import { HttpExchange, InboundExchange, sourceOf, type Endpoint, type MessageOrigin, type Opening } from '@mcp/streamable-core'
import { handshakeId, type KnownHandshake } from './handshake-id.ts'
import { SseReply } from './sse-reply.ts'

/** The only revision this transport is part of; clients of later ones speak it too. */
export const OWN_REVISION: Revision = '2024-11-05'

export class SseSession implements Attachment, Opening {
  readonly id: string
  readonly stream = STANDALONE
  readonly session: LiveSession
  readonly #endpoint: Endpoint
  readonly #events: EventStream
  readonly #inbox: Inbox
  #initialized = false
  /** Whether the client of a lost stream said it, in `initialize` of an earlier session. */
  #resumed = false
  /** The id of the next event. */
  #nextId: string | null = null

  /** `inbox`: what other nodes take for it. */
  constructor (endpoint: Endpoint, session: LiveSession, events: EventStream, inbox: Inbox) {
    this.id = `sse ${session.id}`
    this.session = session
    this.#endpoint = endpoint
    this.#events = events
    this.#inbox = inbox
  }

  /** The client lost its stream, opened another, and goes on where it was. */
  resume ({ revision, handshake }: KnownHandshake): void {
    this.session.revision = revision
    this.session.handshake = handshake
    this.#initialized = this.#resumed = true
    this.#nextId = handshakeId({ revision, handshake })
  }

  /** One message as one event; `json` holds no line break. */
  frame (json: string): string {
    const id = this.#nextId === null ? '' : `id: ${this.#nextId}\n`
    this.#nextId = null
    return `${id}event: message\ndata: ${json}\n\n`
  }

  /** Takes a message of the client. It runs with the credential of its own `request`, never with that of the stream. */
  take (message: JsonRpcMessage, request: MessageOrigin): void {
    if (isRequest(message)) this.#run(message, request)
    else if (isNotification(message)) this.#notify(message, request)
  }

  /** A message of the application that belongs to no request. */
  offer (json: string): void {
    this.#events.send(json, false).catch(error => {
      this.#endpoint.log.error({ err: error, session: shortSessionId(this.session.id) }, 'a message cannot be sent')
    })
  }

  /** Other nodes may have taken messages for it. What is stored for its stream was offered: its only connection is here. */
  wake (): void {
    this.#inbox.wake()
  }

  verify (): void {
    this.#inbox.wake()
  }

  /** Its stream is not stored: its requests end with errors on it, and then the session ends it. */
  lose (): void {}

  /** The storage no longer keeps what other nodes take for it. */
  forgotten (): void {
    this.session.lose('The storage no longer keeps the messages of this session; the result is lost')
    this.close()
  }

  close (): void {
    this.#events.end()
  }

  /** A client that loses its stream loses its session, so it is not asked to come back for it. */
  release (): void {}

  settle (response: JsonRpcResponse): null {
    if (isErrorResponse(response)) {
      this.#initialized = false
      return null
    }
    const served = this.#endpoint.revisions.find(revision => revision === response.result.protocolVersion)
    if (served !== undefined) this.session.revision = served
    this.#nextId = handshakeId(this.session)
    return null
  }

  #run (message: JsonRpcRequest, request: MessageOrigin): void {
    if (message.method === 'initialize') return this.#initialize(message, request)
    // A client that does not initialize is served as one of 2024-11-05 without capabilities: it may have lost its stream.
    this.#execute(message, request, null)
  }

  #initialize (message: JsonRpcRequest, request: MessageOrigin): void {
    if (this.#initialized && !this.#resumed) {
      this.offer(JSON.stringify(errorResponse(message.id, ErrorCode.InvalidRequest, 'This session is already initialized')))
      return
    }
    this.#initialized = true
    this.#resumed = false
    const { revisions } = this.#endpoint
    const asked = message.params?.protocolVersion
    const legacy = revisions.filter(revision => eraOf(revision) === 'legacy')
    const preferred = legacy.find(revision => revision === asked) ?? OWN_REVISION
    this.session.revision = negotiate(preferred, legacy) ?? OWN_REVISION
    this.session.handshake = (message.params ?? {}) as InitializeParams
    this.#execute(message, request, this)
  }

  #execute (message: JsonRpcRequest, request: MessageOrigin, opening: Opening | null): void {
    const reply = new SseReply(this.#events, this.#endpoint)
    this.#endpoint.run(new HttpExchange(message, this.session.revision, this.session, request, reply, this.#endpoint, opening))
    this.#endpoint.begin(reply)
  }

  #notify (message: JsonRpcNotification, request: MessageOrigin): void {
    if (message.method !== 'notifications/cancelled') {
      this.#endpoint.run(new InboundExchange(message, this.session.revision, this.session, sourceOf(request)))
      return
    }
    // All of the session runs here.
    const { requestId, reason } = message.params ?? {}
    if (isRequestId(requestId)) this.session.cancel(requestId, typeof reason === 'string' ? reason : 'cancelled by the client')
  }
}
