import { MCP_CLIENT_CONNECTION_LOST, MCP_CLIENT_UNREACHABLE, type Http, type HttpCall, type HttpReply, type HttpRequest } from '@mcp/client/browser'
import { essence, Header, STREAM_TYPE } from '@mcp/protocol'
import { plainWatch, streamWatch, type BodyWatch, type Note } from './body-watch.ts'
import { pretty, summary } from './summary.ts'
import type { WireLog } from './wire-log.ts'

/** A stream that can be cut: `cut` says that it was. */
interface Connection {
  readonly call: HttpCall
  cut: boolean
}

/** HTTP that notes everything in a log, and that can be cut off like a cable. */
export class TappedHttp implements Http {
  readonly #inner: Http
  readonly #log: WireLog
  readonly #streams = new Set<Connection>()
  readonly #streamsChanged: (open: number) => void
  #offlineUntil = 0
  #requests = 0

  constructor (inner: Http, log: WireLog, streamsChanged: (open: number) => void) {
    this.#inner = inner
    this.#log = log
    this.#streamsChanged = streamsChanged
  }

  /** Breaks every open stream as a lost network does, and lets nothing through for a while. */
  cut (milliseconds: number): void {
    this.#offlineUntil = performance.now() + milliseconds
    for (const stream of this.#streams) {
      stream.cut = true
      stream.call.abort()
    }
  }

  request (request: HttpRequest): HttpCall {
    const number = ++this.#requests
    const note: Note = entry => this.#log.add({ ...entry, request: number })
    note({ kind: 'sent', text: sentText(request), ...(request.body !== undefined && { detail: pretty(request.body) }) })
    if (performance.now() < this.#offlineUntil) {
      note({ kind: 'broken', text: 'no network' })
      return { reply: Promise.reject(new MCP_CLIENT_UNREACHABLE('the connection is cut')), abort: () => {} }
    }
    const call = this.#inner.request(request)
    const reply = call.reply.then(reply => this.#tapped(reply, call, note), (error: Error) => {
      note({ kind: 'broken', text: error.message })
      throw error
    })
    return { reply, abort: () => call.abort() }
  }

  close (): Promise<void> {
    return this.#inner.close()
  }

  #tapped (reply: HttpReply, call: HttpCall, note: Note): HttpReply {
    const type = essence(reply.header('content-type'))
    const stream = type === STREAM_TYPE
    note({ kind: 'answered', text: `${reply.status} ${type ?? ''}`.trim() })
    const watch = stream ? streamWatch(note) : plainWatch(note)
    const connection: Connection = { call, cut: false }
    if (stream) this.#opened(connection)
    return {
      status: reply.status,
      header: name => reply.header(name),
      read: onChunk => read(reply, { onChunk, watch, note, connection }).finally(() => this.#over(connection))
    }
  }

  #opened (connection: Connection): void {
    this.#streams.add(connection)
    this.#streamsChanged(this.#streams.size)
  }

  #over (connection: Connection): void {
    if (this.#streams.delete(connection)) this.#streamsChanged(this.#streams.size)
  }
}

interface Reading {
  readonly onChunk: (chunk: Uint8Array) => void
  readonly watch: BodyWatch
  readonly note: Note
  readonly connection: Connection
}

async function read (reply: HttpReply, { onChunk, watch, note, connection }: Reading): Promise<void> {
  try {
    await reply.read(chunk => {
      watch.chunk(chunk)
      onChunk(chunk)
    })
    watch.end()
    if (watch.streams) note({ kind: 'ended', text: 'ended by the server' })
  } catch (error) {
    if (connection.cut) {
      note({ kind: 'broken', text: 'the connection was cut' })
      throw new MCP_CLIENT_CONNECTION_LOST('the connection was cut')
    }
    note({ kind: 'ended', text: error instanceof Error ? error.message : String(error) })
    throw error
  }
}

function sentText ({ method, url, headers, body }: HttpRequest): string {
  const after = headers[Header.LastEventId]
  const what = body !== undefined ? summary(body) : after !== undefined ? `resume after ${after}` : ''
  return `${method} ${url.pathname} ${what}`.trim()
}
