/** How many sessions the storages hold. */
import type { SessionCounter } from '@mcp/protocol'

export class StoredSessions {
  readonly #stores: ReadonlySet<SessionCounter>
  readonly #onError: (error: unknown) => void
  readonly #said = new Map<SessionCounter, number>()

  constructor (stores: ReadonlySet<SessionCounter>, onError: (error: unknown) => void) {
    this.#stores = stores
    this.#onError = onError
  }

  /** Without waiting: a storage that does not tell at once is asked for the next time. */
  last (): number | null {
    this.now().catch(this.#onError)
    return this.#sum()
  }

  async now (): Promise<number | null> {
    await Promise.all([...this.#stores].map(store => this.#ask(store)))
    return this.#sum()
  }

  #ask (store: SessionCounter): Promise<void> | void {
    try {
      const count = store.count()
      if (typeof count === 'number') this.#said.set(store, count)
      else return count.then(late => { this.#said.set(store, late) }, error => this.#failed(store, error))
    } catch (error) {
      this.#failed(store, error)
    }
  }

  /** Nobody knows how many there are: better no figure than an old one. */
  #failed (store: SessionCounter, error: unknown): void {
    this.#said.delete(store)
    this.#onError(error)
  }

  #sum (): number | null {
    if (this.#stores.size === 0) return 0
    if (this.#said.size === 0) return null
    return [...this.#said.values()].reduce((sum, count) => sum + count, 0)
  }
}
