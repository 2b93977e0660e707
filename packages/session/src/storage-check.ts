/**
 * Finds what the storage forgot of sessions in use: by a flush, an eviction, a deleted key, or a restart from an older state. Without it,
 * a client waits on a stream that never says anything more.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { ticker, type Storage } from '@mcp/storage'
import type { LiveSession } from './live-session.ts'

const EVERY_MS = 1_000
/** Sessions looked at in one round, so that thousands of them cost the storage little. */
const PER_ROUND = 64
const SCANNED_PER_ROUND = 4_096
/** The news that a session ended may still be on the way when its record is gone. */
const CONFIRM_MS = 100

export class StorageCheck {
  readonly #storage: Storage
  readonly #sessions: Iterable<LiveSession>
  readonly #onLost: (session: LiveSession) => void
  readonly #stop: () => void
  #rest: Iterator<LiveSession>
  #checking = false

  /** @param onLost The storage no longer knows this session, which is in use here. */
  constructor (storage: Storage, sessions: Iterable<LiveSession>, onLost: (session: LiveSession) => void) {
    this.#storage = storage
    this.#sessions = sessions
    this.#onLost = onLost
    this.#rest = sessions[Symbol.iterator]()
    this.#stop = ticker.every(EVERY_MS, () => this.#round())
  }

  /** The storage lost something of this node: looks at every session in use. Stops where the storage fails. Never rejects. */
  async checkAll (): Promise<void> {
    const busy = [...this.#sessions].filter(session => session.busy)
    for (let first = 0; first < busy.length; first += PER_ROUND) {
      if (!await this.#checkEach(busy.slice(first, first + PER_ROUND))) return
    }
  }

  close (): void {
    this.#stop()
  }

  async #round (): Promise<void> {
    if (this.#checking) return
    this.#checking = true
    await this.#checkEach(this.#next())
    this.#checking = false
  }

  /** Whether the storage answered. */
  async #checkEach (sessions: readonly LiveSession[]): Promise<boolean> {
    const outcomes = await Promise.allSettled(sessions.map(session => this.#check(session)))
    // An outage is logged by what needs the storage; what could not be looked at comes again in a later round.
    return outcomes.every(({ status }) => status === 'fulfilled')
  }

  /** The sessions of this round, each once before any comes again. */
  #next (): LiveSession[] {
    const sessions: LiveSession[] = []
    for (let scanned = 0; scanned < SCANNED_PER_ROUND && sessions.length < PER_ROUND; scanned++) {
      const { value, done } = this.#rest.next()
      if (done === true) {
        this.#rest = this.#sessions[Symbol.iterator]()
        return sessions
      }
      if (value.busy) sessions.push(value)
    }
    return sessions
  }

  async #check (session: LiveSession): Promise<void> {
    if (await this.#known(session)) return session.verify()
    await sleep(CONFIRM_MS, undefined, { ref: false })
    if (!session.busy || session.ended || session.expiresAt <= Date.now() || await this.#known(session)) return
    this.#onLost(session)
  }

  async #known ({ id }: LiveSession): Promise<boolean> {
    return await this.#storage.sessions.read(id) !== undefined
  }
}
