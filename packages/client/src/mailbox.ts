/** Microtasks between a notification and what follows it. */
const HOPS = 4

/**
 * Hands messages on one after the other. Protocol layers (the official ones too) handle notifications in a later microtask, but
 * responses at once: a response that came in the same piece of a stream would overtake the progress before it. So there is some room
 * after each notification.
 */
export class Mailbox<Message extends object> {
  readonly #deliver: (message: Message) => void
  readonly #onError: (error: unknown) => void
  #waiting: Message[] = []
  #delivering = false

  /** @param deliver Must not throw. */
  constructor (deliver: (message: Message) => void, onError: (error: unknown) => void) {
    this.#deliver = deliver
    this.#onError = onError
  }

  put (message: Message): void {
    if (this.#delivering) this.#waiting.push(message)
    else if ('method' in message) this.#run(message).catch(this.#onError)
    else this.#deliver(message)
  }

  async #run (first: Message): Promise<void> {
    this.#delivering = true
    let batch = [first]
    while (batch.length > 0) {
      for (const message of batch) {
        this.#deliver(message)
        if (!('method' in message)) continue
        for (let hop = 0; hop < HOPS; hop++) await undefined
      }
      batch = this.#waiting
      this.#waiting = []
    }
    this.#delivering = false
  }
}
