/** A real server on a real port, and the clients tests talk to it with. Everything closes with the test. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Writable } from 'node:stream'
import {
  encodeFieldValue, ErrorCode, errorResponse, isObject, isRequest, MetaKey, mirroredName, type Exchange,
  type ExchangeHandler, type JsonObject, type JsonRpcRequest, type RequestId
} from '@mcp/protocol'
import { createParser } from 'eventsource-parser'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import type { Test } from 'tap'
import { mcpStreamable, type McpStreamableOptions } from '../src/index.ts'

export const MODERN = '2026-07-28'
export const LEGACY = '2025-11-25'
export const BOTH = 'application/json, text/event-stream'

export type Fields = Record<string, string>
export type LogLine = JsonObject & { level: number, msg: string }

/** A message as it came over the wire, before anyone vouched for its shape. */
export interface WireMessage {
  jsonrpc?: unknown
  id?: unknown
  method?: string
  params?: JsonObject
  result?: JsonObject
  error?: { code: number, message: string, data?: JsonObject }
}

/** A reply that has come to its end. */
export interface Answer {
  status: number
  headers: Headers
  text: string
  /** What it carries: of an object one, of an array each, of a stream every event with data. */
  messages: WireMessage[]
  /** The last of them; an empty object where there is none. */
  message: WireMessage
}

export interface TestApp {
  app: FastifyInstance
  port: number
  url: string
  logs: LogLine[]
  /** POSTs a message (or a body as it is, where it is a string or bytes) and reads the reply to its end. */
  rpc: (body: unknown, headers?: Fields) => Promise<Answer>
  /** The same, for replies that are read while they come. */
  open: (body: unknown, headers?: Fields, signal?: AbortSignal) => Promise<Response>
  /** Opens a session and answers the headers that name it. */
  initialize: (version?: string, capabilities?: JsonObject) => Promise<Fields>
}

/**
 * A listening server with `options.application` (default: {@link answering}). `prepare` registers what comes before the
 * endpoint: hooks, other plugins.
 */
export async function startApp (
  t: Test, options: Partial<McpStreamableOptions> = {}, fastifyOptions: FastifyServerOptions = {},
  prepare: (app: FastifyInstance) => void | PromiseLike<unknown> = () => {}
): Promise<TestApp> {
  const logs: LogLine[] = []
  const stream = new Writable({
    write (chunk: Buffer, _encoding, done) {
      for (const line of chunk.toString().split('\n')) if (line !== '') logs.push(JSON.parse(line) as LogLine)
      done()
    }
  })
  const app: FastifyInstance = Fastify({ logger: { level: 'debug', stream }, ...fastifyOptions })
  t.teardown(() => app.close())
  await prepare(app)
  await app.register(mcpStreamable, { application: answering(), closeTimeoutMs: 500, ...options })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const address = app.server.address()
  const port = isObject(address) ? Number(address.port) : 0
  const url = `http://127.0.0.1:${port}${options.prefix ?? ''}${options.path ?? '/mcp'}`

  const open: TestApp['open'] = (body, headers = {}, signal) => {
    const given = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body)
    const fields = { 'content-type': 'application/json', accept: BOTH, ...headers }
    return fetch(url, { method: 'POST', headers: fields, body: given, ...(signal === undefined ? {} : { signal }) })
  }
  const rpc: TestApp['rpc'] = async (body, headers) => readAnswer(await open(body, headers))
  const initialize: TestApp['initialize'] = async (version = LEGACY, capabilities = {}) => {
    const { headers, text } = await rpc(initializeRequest(version, capabilities))
    const id = headers.get('mcp-session-id')
    if (id === null) throw new Error(`no session was opened: ${text}`)
    const session: Fields = { 'mcp-session-id': id, ...(version < '2025-06-18' ? {} : { 'mcp-protocol-version': version }) }
    await rpc({ jsonrpc: '2.0', method: 'notifications/initialized' }, session)
    return session
  }
  return { app, port, url, logs, rpc, open, initialize }
}

export function initializeRequest (protocolVersion = LEGACY, capabilities: JsonObject = {}, id: RequestId = 0): JsonObject {
  const params = { protocolVersion, capabilities, clientInfo: { name: 'test', version: '1' } }
  return { jsonrpc: '2.0', id, method: 'initialize', params }
}

export function call (method: string, params: JsonObject = {}, id: RequestId = 1): JsonObject {
  return { jsonrpc: '2.0', id, method, params }
}

/**
 * Body and headers of a modern request as a client that does everything right sends them: `rpc(...modern('tools/list'))`.
 * `params._meta` is added to the envelope; `headers` are added to the mirrored ones.
 */
export function modern (method: string, params: JsonObject = {}, headers: Fields = {}, id: RequestId = 1): [JsonObject, Fields] {
  const extra = isObject(params._meta) ? params._meta : {}
  const clientInfo = { name: 'test', version: '1' }
  const _meta = { [MetaKey.ProtocolVersion]: MODERN, [MetaKey.ClientCapabilities]: {}, [MetaKey.ClientInfo]: clientInfo, ...extra }
  const member = mirroredName(method)
  const name = member === undefined ? undefined : params[member]
  const mirrored = typeof name === 'string' ? { 'mcp-name': encodeFieldValue(name) } : {}
  return [call(method, { ...params, _meta }, id), { 'mcp-protocol-version': MODERN, 'mcp-method': method, ...mirrored, ...headers }]
}

type Asked = Exchange & { readonly message: JsonRpcRequest }
type Handler = (exchange: Asked) => JsonObject | undefined | Promise<JsonObject | undefined>

/**
 * An application from one handler per method. What a handler returns is the result; `undefined` means that it answers (or
 * not) by itself. `initialize`, `server/discover` and `ping` are there already, any other method is unknown.
 */
export function answering (handlers: Record<string, Handler> = {}): ExchangeHandler {
  const serverInfo = { name: 'application', version: '1' }
  const known: Record<string, Handler> = {
    initialize: ({ revision }) => ({ protocolVersion: revision, capabilities: { tools: {} }, serverInfo }),
    'server/discover': () => ({ supportedVersions: [MODERN], capabilities: { tools: {} }, ttlMs: 0, cacheScope: 'private' }),
    ping: () => ({}),
    ...handlers
  }
  return async exchange => {
    const { message } = exchange
    if (!('method' in message)) return
    const handler = known[message.method]
    if (!isRequest(message)) return
    if (handler === undefined) return exchange.send(errorResponse(message.id, ErrorCode.MethodNotFound, `No method ${message.method}`))
    const result = await handler(exchange as Asked)
    if (result !== undefined) return exchange.send({ jsonrpc: '2.0', id: message.id, result })
    // The test answers later: as long as this works, the endpoint waits.
    await new Promise(() => {})
  }
}

export async function readAnswer (response: Response): Promise<Answer> {
  const text = await response.text()
  const messages: WireMessage[] = []
  if (response.headers.get('content-type')?.startsWith('text/event-stream') === true) {
    const parser = createParser({ onEvent: ({ data }) => { if (data !== '') messages.push(JSON.parse(data) as WireMessage) } })
    parser.feed(text)
  } else if (text !== '') {
    messages.push(...[JSON.parse(text) as WireMessage | WireMessage[]].flat())
  }
  return { status: response.status, headers: response.headers, text, messages, message: messages.at(-1) ?? {} }
}

export interface Event {
  id: string | undefined
  event: string | undefined
  data: string
  /** `data` parsed; an empty object where it is empty. */
  message: WireMessage
}

export interface EventReader {
  /** The next event; `undefined` once the stream has ended, in order or not. */
  next: () => Promise<Event | undefined>
  /** Every event that is still to come. */
  rest: () => Promise<Event[]>
  /** Gives the stream up, as a client that goes away. */
  cancel: () => Promise<void>
  readonly comments: string[]
  readonly retries: number[]
}

export function readEvents (response: Response): EventReader {
  const comments: string[] = []
  const retries: number[] = []
  const events: Event[] = []
  const parser = createParser({
    onEvent: ({ id, event, data }) => events.push({ id, event, data, message: data === '' ? {} : JSON.parse(data) as WireMessage }),
    onComment: comment => comments.push(comment),
    onRetry: retry => retries.push(retry)
  })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  const next = async (): Promise<Event | undefined> => {
    while (events.length === 0) {
      const read = await reader?.read().catch(() => undefined)
      if (read === undefined || read.done) return undefined
      parser.feed(read.value)
    }
    return events.shift()
  }
  const rest = async (): Promise<Event[]> => {
    const all: Event[] = []
    for (let event = await next(); event !== undefined; event = await next()) all.push(event)
    return all
  }
  return { next, rest, cancel: async () => { await reader?.cancel() }, comments, retries }
}

export interface RawConnection {
  socket: Socket
  /** Everything received so far, as latin1 so that every byte is one character. */
  received: () => string
  /** Resolves with everything received once it `matches`, or once the peer has closed. */
  until: (matches: (text: string) => boolean) => Promise<string>
  /** Resolves with everything received when the peer has closed. */
  closed: () => Promise<string>
}

/** A socket, for bytes no HTTP library would send or show. */
export async function rawConnection (t: Test, port: number, bytes: string | Uint8Array = ''): Promise<RawConnection> {
  const socket = connect(port, '127.0.0.1')
  t.teardown(() => { socket.destroy() })
  let text = ''
  let wake = (): void => {}
  socket.on('data', chunk => {
    text += chunk.toString('latin1')
    wake()
  })
  socket.on('error', () => {})
  socket.on('close', () => wake())
  await once(socket, 'connect')
  socket.write(bytes)
  const until = async (matches: (text: string) => boolean): Promise<string> => {
    while (!socket.closed && !matches(text)) await new Promise<void>(resolve => { wake = resolve })
    return text
  }
  return { socket, received: () => text, until, closed: () => until(() => false) }
}

/** A request as text, `Host` and `Connection: close` included; a body gets its length unless headers say otherwise. */
export function rawRequest (method: string, headers: readonly string[], body = '', path = '/mcp'): string {
  const named = (name: string): boolean => headers.some(header => header.toLowerCase().startsWith(name + ':'))
  const lines = [`${method} ${path} HTTP/1.1`, ...headers, 'Connection: close']
  if (!named('host')) lines.push('Host: localhost')
  if (body !== '' && !named('content-length') && !named('transfer-encoding')) lines.push(`Content-Length: ${Buffer.byteLength(body)}`)
  return lines.join('\r\n') + '\r\n\r\n' + body
}

/** A promise and the function that resolves it: tests wait for what happens, never for time to pass. */
export function signalled<T = void> (): { promise: Promise<T>, resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>(_resolve => { resolve = _resolve })
  return { promise, resolve }
}
