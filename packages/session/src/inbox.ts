/**
 * What other nodes take for a session whose stream is held here. It is kept in the store, which is asked whenever there may be
 * more, because the bus may lose what it is told.
 */
import { ticker, type Storage, type Unsubscribe } from '@mcp/storage'

/** A stream of the session; no event id names it, so no client reads it. */
const INBOX = 'inbox'
const PAGE = 64
/** Until a look that failed is tried again. */
const AGAIN_MS = 1_000

export interface InboxHooks {
  /** `entry`: as it was put. */
  take (entry: unknown): void
  /** The store failed; it is asked again. */
  onError (error: unknown): void
  /** The store no longer has what comes next. */
  onLost (): void
}

export class Inbox {
  readonly #storage: Storage
  readonly #session: string
  readonly #hooks: InboxHooks
  #position = 0
  #reading = false
  #wanted = false
  #closed = false
  #stopRetrying: (() => void) | null = null
  #unsubscribe: Unsubscribe | null = null

  constructor (storage: Storage, session: string, hooks: InboxHooks) {
    this.#storage = storage
    this.#session = session
    this.#hooks = hooks
  }

  /** Once this has answered, messages are kept for `node`, and heard of. */
  async open (node: string): Promise<void> {
    const { bus, events } = this.#storage
    await events.open(this.#session, INBOX, { node, requestIds: [] })
    this.#unsubscribe = await bus.subscribe(channelOf(this.#session), () => this.wake())
  }

  /** Keeps an entry for the node that holds the session. Answers whether there is one: the session is there, and so is its node. */
  static async put ({ bus, events, nodes }: Storage, session: string, entry: object): Promise<boolean> {
    const position = await events.append(session, INBOX, [JSON.stringify(entry)], false)
    if (position === 0) return false
    const heard = await bus.publish(channelOf(session), '')
    if (typeof heard === 'number') return heard > 0
    const node = (await events.read(session, INBOX, position, 1))?.owner.node
    return typeof node === 'string' && nodes.alive(node)
  }

  /** There may be something new. */
  wake (): void {
    this.#wanted = true
    if (this.#reading || this.#closed) return
    this.#reading = true
    this.#read().then(() => this.#retry(false), error => {
      this.#hooks.onError(error)
      this.#retry(true)
    })
  }

  async close (): Promise<void> {
    this.#closed = true
    this.#retry(false)
    await this.#unsubscribe?.()
  }

  async #read (): Promise<void> {
    try {
      while (this.#wanted && !this.#closed) await this.#readPage()
    } finally {
      this.#reading = false
    }
  }

  async #readPage (): Promise<void> {
    this.#wanted = false
    const page = await this.#storage.events.read(this.#session, INBOX, this.#position, PAGE)
    if (this.#closed) return
    if (page === null) return this.#hooks.onLost()
    for (const { position, message } of page.events) {
      this.#position = position
      this.#hooks.take(JSON.parse(message))
    }
    if (page.events.length === PAGE) this.#wanted = true
  }

  #retry (needed: boolean): void {
    if (!needed || this.#closed) {
      this.#stopRetrying?.()
      this.#stopRetrying = null
    } else {
      this.#stopRetrying ??= ticker.every(AGAIN_MS, () => this.wake())
    }
  }
}

function channelOf (session: string): string {
  return 'inbox:' + session
}
