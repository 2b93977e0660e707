/** How replies become streams, in each era. */
import { shortSessionId, type LiveSession, type Sessions, type Attachment } from '@mcp/session'
import { EventStream, formatEventId, KEEP_ALIVE, primingFrame, retryFrame, type StreamTarget } from '@mcp/sse'
import { failureDetails } from '@mcp/storage'
import type { FastifyReply } from 'fastify'
import { atExpiry } from './expiry.ts'
import { lostFrames, nameStream } from './lost-result.ts'
import type { PostReply, StreamOpener } from './post-reply.ts'
import type { SessionOpening } from './session-opening.ts'

const FORGOTTEN = 'the storage no longer knows the stream of a running request'

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
    const requestIds = owner.exchanges.map(exchange => exchange.requestId)
    const name = this.#name = nameStream(newStreamName(this.#sessions.node), session.id, requestIds)
    const target: StreamTarget = { events: this.#sessions.storage.events, session: session.id, stream: name }
    // Nothing goes out before the store knows the stream: a client that has its headers, or an id, waits for what may never come.
    const connection = reply.mcpStream({ silent: true, watch: owner.watchStream() })
    connection.onShutdown(() => {})

    let failed = false
    const onError = (error: unknown): void => {
      failed = true
      reply.log.error(failureDetails(error), 'the stream cannot be stored')
      owner.lost('the stream cannot be stored')
    }
    const attachment = new StreamAttachment(name, this.#retryMs)
    const stored = (): void => { this.#sessions.stored(session, name).catch(onError) }
    const stream = new EventStream(target, {
      onError: (error, quiet) => {
        onError(error)
        // Who comes back for it, here or on another node, must not wait for ever.
        quiet.then(() => this.#sessions.orphans.giveUp(session.id, name, requestIds, stored)).catch(onError)
      },
      onForgotten: () => {
        if (session.ended || failed) return ''
        reply.log.error({ stream: name, session: shortSessionId(session.id) }, FORGOTTEN)
        owner.lost(FORGOTTEN)
        return lostFrames(name, requestIds)
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
    const unopened = (error: unknown): void => {
      // Nothing was sent, so the client gets a status that says why.
      connection.destroy(error instanceof Error ? error : new Error(String(error)))
      onError(error)
    }
    try {
      const opened = target.events.open(session.id, name, { node: this.#sessions.node, requestIds })
      if (opened instanceof Promise) attachment.waitFor(opened.then(begin).catch(unopened))
      else begin()
    } catch (error) {
      unopened(error)
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

  /** Until then the connection is not let go: the client has no id to come back with. `begun` never rejects. */
  waitFor (begun: Promise<void>): void {
    this.#begun = begun.then(() => { this.#begun = null })
  }

  wake (): void {}
  offer (): void {}

  /** Before it begins, the store may not know the stream yet. */
  async verify (): Promise<void> {
    if (this.#begun === null) await this.#carried?.verify()
  }

  lose (): void {
    this.#carried?.forget()
  }

  close (): void {
    this.#letGo('')
  }

  release (retryMs: number | undefined): void {
    this.#letGo(retryFrame(retryMs ?? this.#retryMs))
  }

  #letGo (frames: string): void {
    const letGo = (): void => this.#carried?.release(frames)
    if (this.#begun === null) letGo()
    else this.#begun = this.#begun.then(letGo)
  }
}

let streamCount = 0

/** Unique among all streams of all nodes: the node's name is random and made anew with every process. */
export function newStreamName (node: string): string {
  return `${node}-${(++streamCount).toString(36)}`
}

/** mcp-remote 0.1 names itself so in the client's name. It asks for 2025-11-25, and ends a stream whose event has empty data. */
const CANNOT_READ_PRIMING = /\(via mcp-remote 0\.1\.\d+\)$/

/** Whether the client of this session can read a priming event. */
export function primes ({ revision, handshake }: LiveSession): boolean {
  return revision >= FIRST_PRIMED && !CANNOT_READ_PRIMING.test(String(handshake.clientInfo?.name))
}
