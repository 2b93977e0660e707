/** The reading end of a stored stream on this node: a connection somebody opened with GET. */
import { STANDALONE, type Attachment, type LiveSession } from '@mcp/session'
import { retryFrame, StreamReader, type EventId, type SseConnection, type StreamReaderHooks, type StreamTarget } from '@mcp/sse'
import type { StreamOwner } from '@mcp/storage'
import type { FastifyBaseLogger, FastifyReply } from 'fastify'
import type { Endpoint } from './endpoint.ts'
import { lostFrames } from './lost-result.ts'
import { newStreamName } from './streams.ts'

/** Where a connection begins to read, and who writes there. */
export interface ReadingPoint extends EventId {
  readonly owner: StreamOwner
  /** Frames that go out before what comes after `position`. */
  readonly first: string
  /** Events in them; absent where nobody comes back for anything. */
  readonly replayed?: number
}

/** Key of the session's state that says how far the standalone stream was written, for whoever opens it next, on any node. */
const POSITION = 'transport:standalone'

export function storedPosition ({ state }: LiveSession): number {
  const position = state[POSITION]
  return typeof position === 'number' ? position : 0
}

/** Carries a stored stream to one connection, and remembers how far the standalone stream got. */
export class ReaderAttachment implements Attachment, StreamReaderHooks {
  readonly id: string
  readonly stream: string
  readonly #target: StreamTarget
  readonly #from: ReadingPoint
  readonly #connection: SseConnection
  readonly #retryMs: number
  readonly #log: FastifyBaseLogger
  /** Made when the first frames go out: with the first {@link wake}, or with the end. */
  #reader: StreamReader | null = null

  constructor (endpoint: Endpoint, session: LiveSession, from: ReadingPoint, connection: SseConnection, reply: FastifyReply) {
    this.id = newStreamName(endpoint.sessions.node)
    this.stream = from.stream
    this.#target = { events: endpoint.sessions.storage.events, session: session.id, stream: from.stream }
    this.#from = from
    this.#connection = connection
    this.#retryMs = endpoint.retryMs
    this.#log = reply.log
    connection.onShutdown(() => this.release(undefined))
    const forget = endpoint.sessions.orphans.watch(session.id, from.stream, from.owner, () => this.wake())
    connection.onOver(reason => {
      forget()
      session.detach(this)
      if (from.stream === STANDALONE) this.#remember(session)
      if (reason === 'overflow') reply.log.warn({ stream: from.stream }, 'a slow reader was disconnected; it can resume')
    })
  }

  onError (error: unknown): void {
    this.#log.warn({ err: error, stream: this.stream }, 'a stream could not be continued')
  }

  onLost (position: number): string | Promise<number> {
    const { stream, owner } = this.#from
    if (stream === STANDALONE) return this.#goOn(position)
    this.#log.warn({ stream, position }, 'a stream cannot be continued: the storage no longer holds what comes next')
    return lostFrames(stream, owner.requestIds)
  }

  wake (): void {
    this.#begun().wake()
  }

  offer (json: string, position: number): void {
    this.#begun().offer(json, position)
  }

  verify (): void {
    this.wake()
  }

  lose (): void {
    this.#begun()
    this.#connection.end(lostFrames(this.stream, this.#from.owner.requestIds))
  }

  close (): void {
    this.#begun()
    this.#connection.end()
  }

  release (retryMs: number | undefined): void {
    this.#begun()
    this.#connection.end(retryFrame(retryMs ?? this.#retryMs))
  }

  /** No request waits on the standalone stream, so it goes on with what comes from now on: a client that is cut off gives up. */
  async #goOn (position: number): Promise<number> {
    const { events, session, stream } = this.#target
    this.#log.warn({ stream, position }, 'messages of the standalone stream are no longer stored and are lost')
    await events.open(session, stream, this.#from.owner)
    const end = await events.append(session, stream, [], false)
    // A stream that was made anew begins at its first event.
    return end < position ? 0 : end
  }

  #begun (): StreamReader {
    if (this.#reader !== null) return this.#reader
    const { first, replayed } = this.#from
    this.#connection.write(first, replayed, replayed)
    this.#reader = new StreamReader(this.#target, this.#from.position, this.#connection, this)
    return this.#reader
  }

  #remember (session: LiveSession): void {
    const position = this.#reader?.position
    if (position === undefined) return
    session.standalonePosition = position
    if (session.ended || position === storedPosition(session)) return
    session.setState({ [POSITION]: position }).catch(error => this.onError(error))
  }
}
