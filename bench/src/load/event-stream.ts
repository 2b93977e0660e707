/** One POST or GET whose reply is an event stream, read as it arrives. */
import type { Socket } from 'node:net'
import { openSocket } from './connection.ts'
import { header, headOf, statusOf } from './reply.ts'

const TIMEOUT_MS = 60_000
const CRLF = 2

export class EventStream {
  readonly #socket: Socket
  readonly #onText: (text: string) => void
  #pending = ''
  #headSeen = false
  readonly opened: Promise<void>
  readonly ended: Promise<void>
  #settle = { opened: () => {}, ended: () => {}, failed: (_error: Error) => {} }

  private constructor (socket: Socket, onText: (text: string) => void) {
    this.#socket = socket
    this.#onText = onText
    this.opened = new Promise((resolve, reject) => {
      this.#settle.opened = resolve
      this.#settle.failed = reject
    })
    this.ended = new Promise((resolve, reject) => {
      const failOpening = this.#settle.failed
      this.#settle.ended = resolve
      this.#settle.failed = error => { failOpening(error); reject(error) }
    })
    // Whoever waits for one of the two need not wait for the other.
    this.opened.catch(() => {})
    this.ended.catch(() => {})
    socket.on('data', chunk => this.#read(chunk.toString('latin1')))
    socket.on('error', error => this.#settle.failed(error))
    socket.on('close', () => this.#settle.failed(new Error('The server closed the connection')))
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error(`Silence for ${TIMEOUT_MS} ms`)))
  }

  /** `onText` gets the payload of each HTTP chunk. */
  static async open (port: number, request: string, onText: (text: string) => void): Promise<EventStream> {
    const stream = new EventStream(await openSocket(port), onText)
    stream.#socket.write(request, 'latin1')
    return stream
  }

  get alive (): boolean {
    return !this.#socket.destroyed && !this.#socket.readableEnded
  }

  close (): void {
    this.#socket.destroy()
  }

  #read (text: string): void {
    this.#pending += text
    if (!this.#headSeen && !this.#readHead()) return
    let start = 0
    while (start < this.#pending.length) {
      const line = this.#pending.indexOf('\r\n', start)
      if (line === -1) break
      const length = Number.parseInt(this.#pending.slice(start, line), 16)
      const end = line + CRLF + length
      if (this.#pending.length < end + CRLF) break
      if (length === 0) this.#settle.ended()
      else this.#onText(this.#pending.slice(line + CRLF, end))
      start = end + CRLF
    }
    this.#pending = this.#pending.slice(start)
  }

  #readHead (): boolean {
    const head = headOf(this.#pending)
    if (head === undefined) return false
    this.#headSeen = true
    const isStream = header(head, 'content-type')?.startsWith('text/event-stream') && header(head, 'transfer-encoding') === 'chunked'
    if (statusOf(head) !== 200 || !isStream) this.#settle.failed(new Error(`Not an event stream:\n${this.#pending}`))
    this.#pending = this.#pending.slice(head.length + 2 * CRLF)
    this.#settle.opened()
    return true
  }
}
