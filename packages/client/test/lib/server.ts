/** A server of plain HTTP that a test tells what to say. */
import type { JsonObject } from '@mcp/protocol'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { Test } from 'tap'

/** A request as it arrived, and the means to answer it. */
export class Seen {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: JsonObject
  readonly response: ServerResponse

  constructor (method: string, path: string, headers: IncomingHttpHeaders, text: string, response: ServerResponse) {
    this.method = method
    this.path = path
    this.headers = headers
    this.body = text === '' ? {} : JSON.parse(text)
    this.response = response
  }

  /** What it is about: `GET`, `DELETE`, or the JSON-RPC method. */
  get what (): string {
    return this.method === 'POST' ? String(this.body.method ?? 'response') : this.method
  }

  status (status: number, headers: Record<string, string> = {}, body = ''): void {
    this.response.writeHead(status, headers).end(body)
  }

  json (value: unknown, status = 200, headers: Record<string, string> = {}): void {
    this.status(status, { 'content-type': 'application/json', ...headers }, JSON.stringify(value))
  }

  result (result: JsonObject = {}, headers: Record<string, string> = {}): void {
    this.json({ jsonrpc: '2.0', id: this.body.id, result }, 200, headers)
  }

  /** Begins an event stream, with these bytes. */
  stream (...parts: string[]): ServerResponse {
    this.response.writeHead(200, { 'content-type': 'text/event-stream' })
    this.response.flushHeaders()
    for (const part of parts) this.response.write(part)
    return this.response
  }

  /** An event stream whose connection breaks after these bytes. */
  broken (...parts: string[]): void {
    const response = this.stream()
    response.write(parts.join(''), () => { response.destroy() })
  }

  /** The response to this request as an event. */
  event (result: JsonObject = {}, id?: string): string {
    return event({ jsonrpc: '2.0', id: this.body.id, result }, id)
  }
}

export function event (message: unknown, id?: string): string {
  return `${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(message)}\n\n`
}

export interface Script {
  readonly url: string
  readonly port: number
  /** Every request so far. */
  readonly seen: Seen[]
  /** What the requests were about. */
  whats (): string[]
  /** Resolves when something has been asked this often. */
  until (what: string, times?: number): Promise<Seen>
  /** Stops listening and cuts every connection. */
  stop (): Promise<void>
  /** Listens again, at the same port. */
  restart (): Promise<void>
  cut (): void
}

/** Starts a server that answers as `answer` says; it ends with the test. */
export async function serve (t: Test, answer: (seen: Seen) => void | Promise<void>): Promise<Script> {
  const seen: Seen[] = []
  const waiting = new Set<() => void>()
  const server = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (chunk: string) => { text += chunk })
    request.on('end', () => {
      const each = new Seen(request.method ?? '', request.url ?? '', request.headers, text, response)
      seen.push(each)
      for (const wake of [...waiting]) wake()
      Promise.resolve(answer(each)).catch((error: unknown) => { t.error(error) })
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const stop = async (): Promise<void> => {
    server.closeAllConnections()
    if (!server.listening) return
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }
  t.teardown(stop)
  const named = (what: string): Seen[] => seen.filter(each => each.what === what)
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    port,
    seen,
    whats: () => seen.map(each => each.what),
    until: async (what, times = 1) => {
      for (;;) {
        const found = named(what)[times - 1]
        if (found !== undefined) return found
        await new Promise<void>(resolve => {
          const wake = (): void => {
            waiting.delete(wake)
            resolve()
          }
          waiting.add(wake)
        })
      }
    },
    stop,
    restart: async () => {
      server.listen(port, '127.0.0.1')
      await once(server, 'listening')
    },
    cut: () => server.closeAllConnections()
  }
}
