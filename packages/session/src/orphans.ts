/** Streams nobody writes any more: they end with an error instead of being waited for, since user code is not run again. */
import { ErrorCode, errorResponse, isObject, type RequestId } from '@mcp/protocol'
import { ticker, type Storage, type StreamOwner } from '@mcp/storage'

const CHECK_MS = 2_000
const PAGE = 256

const GONE = 'The node that ran this request is gone, and its result with it'
const GIVEN_UP = 'What this request sent could not be stored, and its result is lost'

interface Watched {
  readonly session: string
  readonly stream: string
  readonly owner: StreamOwner
  /** Its writer lives and has given it up. */
  readonly givenUp: boolean
  readonly onEnded: () => void
}

const NOTHING = (): void => {}

export class Orphans {
  readonly #storage: Storage
  readonly #node: string
  readonly #onError: (error: unknown) => void
  readonly #watched = new Set<Watched>()
  #stop: (() => void) | null = null
  #closed = false

  constructor (storage: Storage, node: string, onError: (error: unknown) => void) {
    this.#storage = storage
    this.#node = node
    this.#onError = onError
  }

  /**
   * Looks after a stream that is read here and written on another node, until called off. When that node dies, every request
   * the stream still owes an answer gets an error and the stream ends; then `onEnded` is called.
   */
  watch (session: string, stream: string, owner: StreamOwner, onEnded: () => void): () => void {
    if (owner.node === null || owner.node === this.#node) return NOTHING
    const watched: Watched = { session, stream, owner, givenUp: false, onEnded }
    this.#add(watched)
    return () => this.#forget(watched)
  }

  /**
   * Ends a stream of this node that can no longer be written, as soon as the storage lets it; then `onEnded` is called. Nothing of
   * its own may be on the way to the store by then.
   */
  giveUp (session: string, stream: string, requestIds: readonly RequestId[], onEnded: () => void): void {
    this.#add({ session, stream, owner: { node: this.#node, requestIds }, givenUp: true, onEnded })
  }

  /** Leaves them to the nodes that live on. */
  close (): void {
    this.#closed = true
    this.#watched.clear()
    this.#stop?.()
    this.#stop = null
  }

  #add (watched: Watched): void {
    if (this.#closed) return
    this.#watched.add(watched)
    this.#stop ??= ticker.every(CHECK_MS, () => this.#checkAll(), this.#onError)
    this.#check(watched).catch(this.#onError)
  }

  /** One stream that cannot be looked after keeps no other waiting; one error stands for all of the same round. */
  async #checkAll (): Promise<void> {
    const failures: unknown[] = []
    for (const watched of [...this.#watched]) await this.#check(watched).catch(error => failures.push(error))
    if (failures.length > 0) throw failures[0]
  }

  async #check (watched: Watched): Promise<void> {
    const { session, stream, owner, givenUp, onEnded } = watched
    if (!givenUp && (owner.node === null || await this.#storage.nodes.alive(owner.node))) return
    const owed = await this.#unanswered(session, stream, owner)
    const reason = givenUp ? GIVEN_UP : GONE
    const errors = owed.map(id => JSON.stringify(errorResponse(id, ErrorCode.InternalError, reason)))
    // Of several nodes that notice, one ends the stream; what the others append to an ended stream is not kept.
    await this.#storage.events.append(session, stream, errors, true)
    if (!this.#watched.has(watched)) return
    // Not before: what failed is tried again in the next round.
    this.#forget(watched)
    onEnded()
  }

  async #unanswered (session: string, stream: string, owner: StreamOwner): Promise<readonly RequestId[]> {
    if (owner.requestIds.length < 2) return owner.requestIds
    const owed = new Set(owner.requestIds)
    for (let after = 0; ;) {
      const page = await this.#storage.events.read(session, stream, after, PAGE)
      for (const { message, position } of page?.events ?? []) {
        after = position
        const id = answered(message)
        if (id !== undefined) owed.delete(id)
      }
      if (page === null || page.events.length < PAGE) return [...owed]
    }
  }

  #forget (watched: Watched): void {
    this.#watched.delete(watched)
    if (this.#watched.size > 0) return
    this.#stop?.()
    this.#stop = null
  }
}

function answered (json: string): RequestId | undefined {
  const message: unknown = JSON.parse(json)
  return isObject(message) && message.method === undefined ? message.id as RequestId : undefined
}
