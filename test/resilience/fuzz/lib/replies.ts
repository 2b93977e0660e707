/** HTTP/1.1 replies out of the bytes of one connection, as strictly as a proxy would read them. */

export interface Reply {
  readonly status: number
  /** By lower-case name; what came twice is joined by a comma. */
  readonly headers: ReadonlyMap<string, string>
  /** Head and body as received, one character a byte. */
  readonly head: string
  body: Buffer
  /** Whether all of it was received. */
  complete: boolean
}

type Framing = { kind: 'length', left: number } | { kind: 'chunk', left: number } | { kind: 'chunk-size' } | { kind: 'trailer' } | { kind: 'close' }

const END_OF_HEAD = Buffer.from('\r\n\r\n')
const END_OF_LINE = Buffer.from('\r\n')
const NOTHING = Buffer.alloc(0)

export class ReplyReader {
  /** Methods of the requests that wait for their reply, in order. */
  readonly #methods: string[] = []
  readonly #onReply: (reply: Reply) => void
  readonly #onHead: (reply: Reply) => void
  #bytes: Buffer = NOTHING
  #reply: Reply | null = null
  #framing: Framing = { kind: 'close' }
  #parts: Buffer[] = []

  /** `onHead` hears of a reply when its head is complete, `onReply` when all of it is. */
  constructor (onReply: (reply: Reply) => void, onHead: (reply: Reply) => void = () => {}) {
    this.#onReply = onReply
    this.#onHead = onHead
  }

  expect (method: string): void {
    this.#methods.push(method)
  }

  /** Bytes that belong to no reply. */
  get rest (): number {
    return this.#reply === null ? this.#bytes.length : 0
  }

  /** @throws when the bytes are no reply */
  feed (chunk: Buffer): void {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk])
    while (this.#bytes.length > 0 && (this.#reply === null ? this.#takeHead() : this.#takeBody(this.#reply))) { /* goes on */ }
  }

  /** The server closed the connection: a reply without length ends here. */
  end (): void {
    if (this.#reply !== null) this.#finish(this.#reply, this.#framing.kind === 'close')
  }

  #takeHead (): boolean {
    const end = this.#bytes.indexOf(END_OF_HEAD)
    if (end === -1) return false
    const head = this.#bytes.toString('latin1', 0, end)
    this.#bytes = this.#bytes.subarray(end + 4)
    const [first = '', ...lines] = head.split('\r\n')
    const status = Number(/^HTTP\/1\.[01] (\d{3})(?: [\x20-\x7e]*)?$/.exec(first)?.[1] ?? NaN)
    if (Number.isNaN(status)) throw new Error(`no reply begins with ${JSON.stringify(first.slice(0, 100))}`)
    const headers = new Map<string, string>()
    for (const line of lines) {
      const field = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\x20-\x7e\x80-\xff\t]*)$/.exec(line)
      if (field === null) throw new Error(`no header field: ${JSON.stringify(line.slice(0, 100))}`)
      const [name, value] = [(field[1] ?? '').toLowerCase(), (field[2] ?? '').trimEnd()]
      headers.set(name, headers.has(name) ? `${headers.get(name)}, ${value}` : value)
    }
    if (status < 200) return true
    const method = this.#methods.shift() ?? ''
    const reply: Reply = { status, headers, head, body: NOTHING, complete: false }
    this.#reply = reply
    this.#onHead(reply)
    return this.#frame(reply, method)
  }

  #frame (reply: Reply, method: string): boolean {
    const length = reply.headers.get('content-length')
    if (method === 'HEAD' || reply.status === 204 || reply.status === 304) return this.#finish(reply, true)
    if (reply.headers.get('transfer-encoding') === 'chunked') this.#framing = { kind: 'chunk-size' }
    else if (length === undefined) this.#framing = { kind: 'close' }
    else if (!/^\d+$/.test(length)) throw new Error(`no length: ${length}`)
    else if (length === '0') return this.#finish(reply, true)
    else this.#framing = { kind: 'length', left: Number(length) }
    return true
  }

  #takeBody (reply: Reply): boolean {
    const framing = this.#framing
    switch (framing.kind) {
      case 'close':
        this.#parts.push(this.#take(this.#bytes.length))
        return false
      case 'length':
      case 'chunk': {
        const part = this.#take(Math.min(framing.left, this.#bytes.length))
        framing.left -= part.length
        this.#parts.push(part)
        if (framing.left > 0) return false
        if (framing.kind === 'length') return this.#finish(reply, true)
        this.#framing = { kind: 'trailer' }
        return true
      }
      case 'trailer':
        if (this.#bytes.length < 2) return false
        if (!this.#take(2).equals(END_OF_LINE)) throw new Error('a chunk is longer than it said')
        this.#framing = { kind: 'chunk-size' }
        return true
      case 'chunk-size': {
        const end = this.#bytes.indexOf(END_OF_LINE)
        if (end === -1) return false
        const size = this.#bytes.toString('latin1', 0, end)
        if (!/^[0-9a-f]+$/i.test(size)) throw new Error(`no chunk begins with ${JSON.stringify(size.slice(0, 100))}`)
        const left = parseInt(size, 16)
        if (left === 0 && this.#bytes.length < end + 4) return false
        this.#take(left === 0 ? end + 4 : end + 2)
        if (left === 0) return this.#finish(reply, true)
        this.#framing = { kind: 'chunk', left }
        return true
      }
    }
  }

  #take (length: number): Buffer {
    const part = this.#bytes.subarray(0, length)
    this.#bytes = this.#bytes.subarray(length)
    return part
  }

  /** What the reply in progress has of its body so far. */
  get partial (): Buffer {
    return Buffer.concat(this.#parts)
  }

  #finish (reply: Reply, complete: boolean): true {
    reply.body = Buffer.concat(this.#parts)
    reply.complete = complete
    this.#parts = []
    this.#reply = null
    this.#onReply(reply)
    return true
  }
}
