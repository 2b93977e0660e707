/** An endpoint on HTTP/2, with and without TLS, and a client that speaks it. */
import { once } from 'node:events'
import { connect, type ClientHttp2Session, type ClientHttp2Stream, type OutgoingHttpHeaders } from 'node:http2'
import type { JsonObject } from '@mcp/protocol'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import { mcpStreamable, type McpStreamableOptions } from '../src/index.ts'
import { selfSigned } from './certificate.ts'
import { answering, BOTH, initializeRequest, LEGACY, readAnswer, type Answer, type Fields } from './helper.ts'

export type Binding = 'h2c' | 'TLS'

export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly stream: ClientHttp2Stream
  /** Resolves with everything received once it `matches`, or once the stream has ended. */
  until: (matches: (text: string) => boolean) => Promise<string>
  /** How the stream ended: 0 in order, or an HTTP/2 error code. */
  closed: () => Promise<number>
}

export interface Http2App {
  readonly app: FastifyInstance
  readonly port: number
  readonly origin: string
  readonly cert: string | undefined
  readonly client: ClientHttp2Session
  connect: () => ClientHttp2Session
  /** Sends a request and answers once its headers are there. */
  send: (method: string, headers?: OutgoingHttpHeaders, body?: string, client?: ClientHttp2Session) => Promise<Reply>
  /** POSTs a message and reads the reply to its end. */
  rpc: (body: JsonObject, headers?: OutgoingHttpHeaders) => Promise<Answer>
  initialize: () => Promise<Fields>
}

export async function startHttp2 (t: Test, binding: Binding, options: Partial<McpStreamableOptions> = {}): Promise<Http2App> {
  const certificate = binding === 'TLS' ? selfSigned() : undefined
  const app = (certificate === undefined
    ? Fastify({ http2: true })
    : Fastify({ http2: true, https: { ...certificate, allowHTTP1: true } })) as unknown as FastifyInstance
  t.teardown(() => app.close())
  await app.register(mcpStreamable, { application: answering(), closeTimeoutMs: 500, ...options })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as { port: number }
  const origin = `${binding === 'TLS' ? 'https' : 'http'}://127.0.0.1:${port}`
  const open = (): ClientHttp2Session => {
    const client = connect(origin, certificate === undefined ? {} : { ca: certificate.cert })
    client.on('error', () => {})
    t.teardown(() => client.destroy())
    return client
  }
  const client = open()

  const send: Http2App['send'] = async (method, headers = {}, body, over = client) => {
    const type = body === undefined ? {} : { 'content-type': 'application/json' }
    const fields = { ':method': method, ':path': '/mcp', accept: BOTH, ...type, ...headers }
    const stream = over.request(fields, { endStream: body === undefined })
    let text = ''
    let wake = (): void => {}
    stream.setEncoding('utf8').on('data', (chunk: string) => { text += chunk; wake() })
    stream.on('error', () => wake())
    stream.on('close', () => wake())
    if (body !== undefined) stream.end(body)
    const [received] = await once(stream, 'response') as [Record<string, string | number>]
    const until: Reply['until'] = async matches => {
      while (!stream.closed && !matches(text)) await new Promise<void>(resolve => { wake = resolve })
      return text
    }
    const closed = async (): Promise<number> => {
      await until(() => false)
      return stream.rstCode ?? 0
    }
    const plain = Object.entries(received).filter(([name]) => !name.startsWith(':')).map(([name, value]): [string, string] => [name, String(value)])
    return { status: Number(received[':status']), headers: new Headers(plain), stream, until, closed }
  }
  const rpc: Http2App['rpc'] = async (body, headers) => {
    const reply = await send('POST', headers, JSON.stringify(body))
    const text = await reply.until(() => false)
    const empty = text === '' ? null : text
    return readAnswer(new Response(empty, { status: reply.status, headers: reply.headers }))
  }
  const initialize = async (): Promise<Fields> => {
    const { headers } = await rpc(initializeRequest())
    const session: Fields = { 'mcp-session-id': headers.get('mcp-session-id') ?? '', 'mcp-protocol-version': LEGACY }
    await rpc({ jsonrpc: '2.0', method: 'notifications/initialized' }, session)
    return session
  }
  return { app, port, origin, cert: certificate?.cert, client, connect: open, send, rpc, initialize }
}
