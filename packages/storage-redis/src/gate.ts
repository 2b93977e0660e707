import { MCP_STORAGE_UNAVAILABLE } from '@mcp/storage'

/** Calls that wait for a lost connection, at most. */
const MAX_WAITING = 10_000

interface Waiting {
  start (): void
  refuse (error: Error): void
}

/**
 * Holds calls while there is no connection: for `graceMs` after it was lost they wait, in their order, so that a short
 * outage is only a delay; after that they are refused at once.
 */
export class Gate {
  readonly #graceMs: number
  #waiting: Waiting[] = []
  #isOpen = false
  #reason: string | null = null
  #timer: NodeJS.Timeout | null = null

  constructor (graceMs: number) {
    this.#graceMs = graceMs
    this.#startGrace('not connected yet')
  }

  get isOpen (): boolean {
    return this.#isOpen
  }

  /** Makes the call now, or once the gate opens. */
  pass<T> (call: () => Promise<T>): Promise<T> {
    if (this.#isOpen) return call()
    if (this.#reason !== null) return Promise.reject(new MCP_STORAGE_UNAVAILABLE(this.#reason))
    if (this.#waiting.length >= MAX_WAITING) return Promise.reject(new MCP_STORAGE_UNAVAILABLE('too many calls wait for the connection'))
    return new Promise((resolve, reject) => {
      this.#waiting.push({ start: () => { call().then(resolve, reject) }, refuse: reject })
    })
  }

  open (): void {
    this.#stopGrace()
    this.#isOpen = true
    for (const { start } of this.#take()) start()
  }

  /** The connection is lost. Saying so again changes nothing. */
  shut (reason: string): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#startGrace(reason)
  }

  /** For good. */
  close (reason: string): void {
    this.#stopGrace()
    this.#isOpen = false
    this.#refuseAll(reason)
  }

  #startGrace (reason: string): void {
    this.#reason = null
    this.#timer = setTimeout(() => this.#refuseAll(reason), this.#graceMs)
  }

  #stopGrace (): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  #refuseAll (reason: string): void {
    this.#reason = reason
    for (const { refuse } of this.#take()) refuse(new MCP_STORAGE_UNAVAILABLE(reason))
  }

  #take (): Waiting[] {
    const waiting = this.#waiting
    this.#waiting = []
    return waiting
  }
}
