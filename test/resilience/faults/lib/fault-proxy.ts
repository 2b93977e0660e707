/** An HTTP proxy that does to an exchange what a test says. */
import { once } from 'node:events'
import { createServer, request as ask, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import { reset } from '../../../lib/reset.ts'

export type Fault =
  /** The connection breaks after so many bytes of the body. */
  | { readonly kind: 'cut', readonly after: number }
  /** Nothing comes any more after so many bytes of the body. */
  | { readonly kind: 'stalled', readonly after: number }
  /** Byte after byte. */
  | { readonly kind: 'trickled' }
  /** Lines of event streams end with CR LF. */
  | { readonly kind: 'crlf' }
  /** The body is held back, and comes in lumps. */
  | { readonly kind: 'buffered' }
  /** Each event comes twice. */
  | { readonly kind: 'duplicated' }
  /** The connection is reset before the head of the answer. */
  | { readonly kind: 'reset', readonly reachesServer: boolean }
  /** The proxy answers by itself. */
  | { readonly kind: 'status', readonly status: number }
  | { readonly kind: 'wrong type' }

const LUMP_MS = 15
const EVENT_END = '\n\n'

export class FaultProxy {
  readonly port: number
  /** What happens to a request; `undefined`: nothing. */
  fault: (request: IncomingMessage) => Fault | undefined = () => undefined
  /** How often each fault happened. */
  readonly happened = new Map<Fault['kind'], number>()
  readonly #server: Server
  readonly #target: number

  private constructor (server: Server, target: number) {
    this.#server = server
    this.port = (server.address() as AddressInfo).port
    this.#target = target
    server.on('request', (request, response) => this.#handle(request, response))
  }

  static async start (t: Test, target: number): Promise<FaultProxy> {
    const server = createServer({ keepAliveTimeout: 0 }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.teardown(() => {
      server.close()
      server.closeAllConnections()
    })
    return new FaultProxy(server, target)
  }

  /** Connections of clients that are open. */
  connections (): Promise<number> {
    return new Promise((resolve, reject) => this.#server.getConnections((error, count) => error === null ? resolve(count) : reject(error)))
  }

  #handle (request: IncomingMessage, response: ServerResponse): void {
    const fault = this.fault(request)
    if (fault !== undefined) this.happened.set(fault.kind, (this.happened.get(fault.kind) ?? 0) + 1)
    if (fault?.kind === 'reset' && !fault.reachesServer) {
      reset(request.socket)
      return
    }
    if (fault?.kind === 'status') {
      request.resume().on('end', () => response.writeHead(fault.status, { 'content-type': 'text/html' }).end('<h1>proxy</h1>'))
      return
    }
    const upstream = ask({ host: '127.0.0.1', port: this.#target, method: request.method, path: request.url, headers: request.headers, agent: false })
    upstream.on('error', () => response.destroy())
    upstream.on('response', answer => {
      answer.on('error', () => response.destroy())
      if (fault?.kind === 'reset') {
        reset(request.socket)
        return
      }
      const wrong = fault?.kind === 'wrong type' ? { 'content-type': 'text/html' } : {}
      const { 'content-length': _, 'transfer-encoding': __, connection: ___, ...headers } = answer.headers
      response.writeHead(answer.statusCode ?? 502, { ...headers, ...wrong }).flushHeaders()
      const { data, end } = carrier(response, fault)
      answer.on('data', data).on('end', end)
    })
    response.on('close', () => upstream.destroy())
    request.pipe(upstream)
  }
}

/** How bytes of a body go on. */
interface Carrier {
  data (chunk: Buffer): void
  end (): void
}

function carrier (response: ServerResponse, fault: Fault | undefined): Carrier {
  const plain = (change: (text: string) => string[]): Carrier => ({
    data: chunk => { for (const part of change(chunk.toString('latin1'))) response.write(part, 'latin1') },
    end: () => response.end()
  })
  switch (fault?.kind) {
    case 'cut': return limited(fault.after, response, () => response.destroy())
    case 'stalled': return limited(fault.after, response, () => {})
    case 'trickled': return plain(text => [...text])
    case 'crlf': return plain(text => [text.replaceAll('\n', '\r\n')])
    case 'buffered': return inLumps(response)
    case 'duplicated': return twice(response)
    default: return plain(text => [text])
  }
}

/** What is allowed arrives, and then `exceeded` happens. */
function limited (after: number, response: ServerResponse, exceeded: () => void): Carrier {
  let left = after
  let over = false
  return {
    data: chunk => {
      if (over) return
      over = chunk.length > left
      response.write(chunk.subarray(0, left), () => { if (over) exceeded() })
      left -= chunk.length
    },
    end: () => { if (!over) response.end() }
  }
}

function inLumps (response: ServerResponse): Carrier {
  let held: Buffer[] = []
  let timer: NodeJS.Timeout | undefined
  const flush = (): void => {
    timer = undefined
    if (!response.destroyed) response.write(Buffer.concat(held))
    held = []
  }
  return {
    data: chunk => {
      held.push(chunk)
      timer ??= setTimeout(flush, LUMP_MS)
    },
    end: () => {
      clearTimeout(timer)
      response.end(Buffer.concat(held))
    }
  }
}

function twice (response: ServerResponse): Carrier {
  let rest = ''
  return {
    data: chunk => {
      const events = (rest + chunk.toString('latin1')).split(EVENT_END)
      rest = events.pop() ?? ''
      for (const event of events) response.write((event + EVENT_END).repeat(2), 'latin1')
    },
    end: () => response.end(rest, 'latin1')
  }
}
