/** How replies become streams, in each era. */
import { type LiveSession, type Sessions, type Attachment } from '@mcp/session'
import { EventStream, formatEventId, KEEP_ALIVE, primingFrame, retryFrame, type StreamTarget } from '@mcp/sse'
import type { FastifyReply } from 'fastify'
import { atExpiry } from './expiry.ts'
import type { PostReply, StreamOpener } from './post-reply.ts'
import type { SessionOpening } from './session-opening.ts'

/** From this revision on, clients know what to do with an event that has an id and no data (C-14). */
const FIRST_PRIMED = '2025-11-25'

/** Modern: nothing is kept, and a client that goes away cancels what it asked for (C-32, C-34). */
export const modernStreams: StreamOpener = {
  open: (reply, owner) => openUnkept(reply, owner, () => owner.lost('the client disconnected')),
  release: () => {}
}

/** Legacy without sessions: nothing is kept, and a client that goes away cancels nothing (C-12). */
export const sessionlessStreams: StreamOpener = {
  open: (reply, owner) => openUnkept(reply, owner, () => {}),
  release: () => {}
}

function openUnkept (reply: FastifyReply, owner: PostReply, onLost: () => void): EventStream {
  const stream = new EventStream(null, {
    onError: () => {}, onOver: reason => { if (reason !== 'ended') onLost() }, onFlood: () => owner.flooded()
  })
  const connection = reply.mcpStream({ watch: owner.watchStream() })
  // The stream ends with its response, or with the deadline for running requests.
  connection.onShutdown(() => {})
  stream.attach(connection)
  atExpiry(reply, () => connection.abort('peer'))
  return stream
}

/** Legacy in a session: every event is stored first, so the client can come back for it, here or on another node. */
export class SessionStreams implements StreamOpener {
  readonly #session: LiveSession
  readonly #sessions: Sessions
  readonly #retryMs: number
  readonly #opening: SessionOpening | null
  #name: string | null = null

  constructor (session: LiveSession, sessions: Sessions, retryMs: number, opening: SessionOpening | null = null) {
    this.#session = session
    this.#sessions = sessions
    this.#retryMs = retryMs
    this.#opening = opening
  }

  open (reply: FastifyReply, owner: PostReply): EventStream {
    this.#opening?.announce()
    const session = this.#session
    const name = this.#name = newStreamName(this.#sessions.node)
    const target: StreamTarget = { events: this.#sessions.storage.events, session: session.id, stream: name }
    // Nothing goes out before the store knows the stream: a client that has its headers, or an id, waits for what may never come.
    const connection = reply.mcpStream({ silent: true, watch: owner.watchStream() })
    connection.onShutdown(() => {})

    const onError = (error: unknown): void => {
      reply.log.error({ err: error }, 'the stream cannot be stored')
      owner.lost('the stream cannot be stored')
    }
    const attachment = new StreamAttachment(name, this.#retryMs)
    const requestIds = owner.exchanges.map(exchange => exchange.requestId)
    const stored = (): void => { this.#sessions.stored(session, name) }
    const stream = new EventStream(target, {
      onError: (error, quiet) => {
        onError(error)
        // Who comes back for it, here or on another node, must not wait for ever.
        quiet.then(() => this.#sessions.orphans.giveUp(session.id, name, requestIds, stored))
      },
      onStored: stored,
      onFlood: () => owner.flooded(),
      onOver: reason => {
        session.detach(attachment)
        if (reason === 'overflow') reply.log.warn({ stream: name }, 'a slow reader was disconnected; it can resume')
      }
    })
    stream.attach(connection)
    // Not the connection itself: what it begins with has to be out before it ends.
    atExpiry(reply, () => attachment.close())
    const begin = (): void => stream.begin(KEEP_ALIVE + (primes(session) ? primingFrame(formatEventId(name, 0), this.#retryMs) : ''))
    const opened = target.events.open(session.id, name, { node: this.#sessions.node, requestIds })
    if (opened instanceof Promise) {
      const begun = opened.then(begin, (error: Error) => {
        // Nothing was sent, so the client gets a status that says why.
        connection.destroy(error)
        onError(error)
      })
      attachment.waitFor(begun)
    } else {
      begin()
    }
    attachment.carry(stream)
    // Nobody can come for the stream of a session that is not open yet, and should it not open, the client is told here.
    if (this.#opening === null) session.attach(attachment)
    return stream
  }

  release (retryMs: number): void {
    if (this.#name !== null) this.#sessions.release(this.#session, this.#name, retryMs)
  }
}

/** The connection a POSTed request's stream began on. The stream feeds it itself, so there is nothing to wake. */
class StreamAttachment implements Attachment {
  readonly id: string
  readonly stream: string
  readonly #retryMs: number
  #carried: EventStream | null = null
  #begun: Promise<void> | null = null

  constructor (stream: string, retryMs: number) {
    this.id = stream
    this.stream = stream
    this.#retryMs = retryMs
  }

  carry (stream: EventStream): void {
    this.#carried = stream
  }

  /** Until then the connection is not let go: the client has no id to come back with. */
  waitFor (begun: Promise<void>): void {
    this.#begun = begun
    begun.then(() => { this.#begun = null })
  }

  wake (): void {}
  offer (): void {}

  close (): void {
    this.#letGo('')
  }

  release (retryMs: number | undefined): void {
    this.#letGo(retryFrame(retryMs ?? this.#retryMs))
  }

  #letGo (frames: string): void {
    if (this.#begun === null) this.#carried?.release(frames)
    else this.#begun.then(() => this.#carried?.release(frames))
  }
}

let streamCount = 0

/** Unique among all streams of all nodes: the node's name is random and made anew with every process. */
export function newStreamName (node: string): string {
  return `${node}-${(++streamCount).toString(36)}`
}

/** Whether clients of this session can make sense of a priming event. */
export function primes (session: LiveSession): boolean {
  return session.revision >= FIRST_PRIMED
}
