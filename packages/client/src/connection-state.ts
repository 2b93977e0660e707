/**
 * `connecting`: the server has not answered yet. `open`: it has. `reconnecting`: it does not at the moment, or a session is begun anew.
 * `closed`: for good.
 */
export type ConnectionState = 'connecting' | 'open' | 'reconnecting' | 'closed'

/** The state of a client: what troubles it decides between open and reconnecting. */
export class StateKeeper {
  #state: ConnectionState = 'connecting'
  #reached = false
  readonly #troubles = new Set<unknown>()
  readonly #changed: (state: ConnectionState) => void

  constructor (changed: (state: ConnectionState) => void) {
    this.#changed = changed
  }

  get state (): ConnectionState {
    return this.#state
  }

  /** Whether the server ever answered. */
  get reached (): boolean {
    return this.#reached
  }

  answered (): void {
    if (this.#reached) return
    this.#reached = true
    this.#update()
  }

  /** Something that keeps the client from being open begins or ends; `source` tells troubles apart. */
  trouble (source: unknown, on: boolean): void {
    if (on) this.#troubles.add(source)
    else if (!this.#troubles.delete(source)) return
    this.#update()
  }

  close (): void {
    this.#set('closed')
  }

  #update (): void {
    if (this.#state === 'closed') return
    this.#set(!this.#reached ? 'connecting' : this.#troubles.size > 0 ? 'reconnecting' : 'open')
  }

  #set (state: ConnectionState): void {
    if (state === this.#state) return
    this.#state = state
    this.#changed(state)
  }
}
