/** One connection of a client that pipelines, splits its bytes where it likes, and waits for no longer than it must. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { ReplyReader, type Reply } from './replies.ts'

/** Long enough for a machine with other work; short of any timeout a server could end the wait with. */
export const DEADLINE_MS = 20_000

export interface Sent {
  readonly method: string
  readonly bytes: Buffer
  /** Whether its reply may be a stream without end. */
  readonly endless: boolean
}

export interface Outcome {
  /** In the order of the requests; the last may be a stream that goes on. */
  readonly replies: readonly Reply[]
  readonly streaming: boolean
  readonly closed: boolean
}

export class Connection {
  readonly socket: Socket
  readonly #reader: ReplyReader
  #replies: Reply[] = []
  #head: Reply | null = null
  #fault: Error | null = null
  #wake: () => void = () => {}
  /** Hears every chunk in place of whoever waits for replies: a stream that goes on is not gathered then. */
  onChunk: ((chunk: Buffer) => void) | null = null

  private constructor (socket: Socket) {
    this.socket = socket
    this.#reader = new ReplyReader(reply => {
      this.#head = null
      this.#replies.push(reply)
    }, reply => { this.#head = reply })
    socket.setNoDelay(true)
    socket.on('data', chunk => {
      if (this.onChunk !== null) return this.onChunk(chunk)
      try {
        this.#reader.feed(chunk)
      } catch (error) {
        this.#fault ??= error as Error
      }
      this.#wake()
    })
    // A reset is a way to close; what was received before counts.
    socket.on('error', () => {})
    socket.on('close', () => {
      this.#reader.end()
      this.#wake()
    })
  }

  static async open (port: number): Promise<Connection> {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    return new Connection(socket)
  }

  get closed (): boolean {
    return this.socket.closed
  }

  /**
   * Sends requests in one go and waits until each has its reply, or the connection closed, or a stream began.
   * @param cuts where the bytes are split, as shares of the whole
   * @throws when nothing of this happens in time, or what comes is no HTTP
   */
  async send (requests: readonly Sent[], cuts: readonly number[] = []): Promise<Outcome> {
    this.#replies = []
    for (const { method } of requests) this.#reader.expect(method)
    await this.#write(Buffer.concat(requests.map(({ bytes }) => bytes)), cuts)
    const streams = (): boolean => {
      const type = this.#head?.headers.get('content-type') ?? ''
      return type.startsWith('text/event-stream') && requests[this.#replies.length]?.endless === true
    }
    await this.#until(() => this.#replies.length >= requests.length || streams(), () => `${this.#replies.length} of ${requests.length} requests were answered`)
    if (this.#head !== null && streams()) {
      this.#head.body = this.#reader.partial
      return { replies: [...this.#replies, this.#head], streaming: true, closed: this.closed }
    }
    return { replies: this.#replies, streaming: false, closed: this.closed }
  }

  /** Sends requests and bytes that are none, then FIN: the server has to close. */
  async sendLast (requests: readonly Sent[], packet: Buffer, cuts: readonly number[] = []): Promise<Outcome> {
    this.#replies = []
    for (const { method } of requests) this.#reader.expect(method)
    const bytes = Buffer.concat([...requests.map(({ bytes }) => bytes), packet])
    await this.#write(bytes, cuts)
    this.socket.end()
    await this.#until(() => false, () => `the connection was not closed after ${JSON.stringify(packet.toString('latin1').slice(0, 300))}`)
    return { replies: this.#replies, streaming: false, closed: true }
  }

  /** Whether a reply has begun and not ended. */
  get streaming (): boolean {
    return this.#head !== null && !this.closed
  }

  /** What is received of a stream that goes on. */
  get partial (): Buffer {
    return this.#reader.partial
  }

  destroy (): void {
    this.socket.destroy()
  }

  async #write (bytes: Buffer, cuts: readonly number[]): Promise<void> {
    const at = [...new Set(cuts.map(cut => Math.floor(cut * bytes.length)))].sort((a, b) => a - b)
    let from = 0
    for (const end of [...at, bytes.length]) {
      if (end > from && !this.socket.destroyed) this.socket.write(bytes.subarray(from, end))
      from = Math.max(from, end)
      if (end < bytes.length) await turn()
    }
  }

  async #until (done: () => boolean, complaint: () => string): Promise<void> {
    const deadline = performance.now() + DEADLINE_MS
    const timer = setTimeout(() => this.#wake(), DEADLINE_MS + 1)
    const waits = (): boolean => !done() && !this.closed && this.#fault === null
    while (waits() && performance.now() < deadline) await new Promise<void>(resolve => { this.#wake = resolve })
    clearTimeout(timer)
    if (this.#fault !== null) throw this.#fault
    if (waits()) throw new Error(`nothing for ${DEADLINE_MS} ms: ${complaint()}`)
  }
}
