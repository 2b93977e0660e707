/** A real server on a real port and the plainest client of the transport. Everything closes with the test. */
import { ErrorCode, errorResponse, isObject, isRequest, type Exchange, type ExchangeHandler, type JsonObject } from '@mcp/protocol'
import { mcpStreamable, type McpStreamableOptions } from '@mcp/streamable-core'
import { createParser, type EventSourceMessage } from 'eventsource-parser'
import Fastify, { type FastifyInstance } from 'fastify'
import { Writable } from 'node:stream'
import type { Test } from 'tap'
import { mcpLegacySse, type McpLegacySseOptions } from '../src/index.ts'

export type Fields = Record<string, string>

export interface Started {
  app: FastifyInstance
  origin: string
  logs: JsonObject[]
}

export interface StartOptions {
  endpoint?: Partial<McpStreamableOptions>
  sse?: McpLegacySseOptions
  prepare?: (app: FastifyInstance) => void | PromiseLike<unknown>
}

export async function start (t: Test, { endpoint = {}, sse = {}, prepare = () => {} }: StartOptions = {}): Promise<Started> {
  const logs: JsonObject[] = []
  const stream = new Writable({
    write (chunk: Buffer, _encoding, done) {
      for (const line of chunk.toString().split('\n')) if (line !== '') logs.push(JSON.parse(line) as JsonObject)
      done()
    }
  })
  const app: FastifyInstance = Fastify({ logger: { level: 'debug', stream } })
  t.teardown(() => app.close())
  await prepare(app)
  await app.register(mcpStreamable, { application: answering(), closeTimeoutMs: 500, ...endpoint })
  await app.register(mcpLegacySse, sse)
  await app.listen({ host: '127.0.0.1', port: 0 })
  const address = app.server.address()
  return { app, origin: `http://127.0.0.1:${isObject(address) ? Number(address.port) : 0}`, logs }
}

type Handler = (exchange: Exchange) => JsonObject | undefined | Promise<JsonObject | undefined>

/** An application from one handler per method; what a handler returns is the result, `undefined` that it answers by itself. */
export function answering (handlers: Record<string, Handler> = {}): ExchangeHandler {
  const initialize: Handler = ({ revision }) => ({ protocolVersion: revision, capabilities: {}, serverInfo: { name: 'a', version: '1' } })
  const known: Record<string, Handler> = { initialize, ping: () => ({}), ...handlers }
  return async exchange => {
    const { message } = exchange
    if (!('method' in message)) return
    const handler = known[message.method]
    if (!isRequest(message)) {
      await handler?.(exchange)
      return
    }
    if (handler === undefined) return exchange.send(errorResponse(message.id, ErrorCode.MethodNotFound, `No method ${message.method}`))
    const result = await handler(exchange)
    if (result !== undefined) return exchange.send({ jsonrpc: '2.0', id: message.id, result })
    // The test answers later: as long as this works, the endpoint waits.
    await new Promise(() => {})
  }
}

/** A message of any kind, as it came over the wire. */
export interface Received {
  id?: unknown
  method?: string
  params?: JsonObject
  result?: JsonObject
  error?: { code: number, message: string }
}

export interface OpenStream {
  readonly response: Response
  /** What the `endpoint` event said, resolved against the stream's own URL. */
  readonly endpoint: string
  readonly endpointData: string
  readonly comments: string[]
  /** The next event; `undefined` when the stream has ended. */
  next: () => Promise<EventSourceMessage | undefined>
  /** The next event's message. */
  message: () => Promise<Received>
  post: (body: unknown, headers?: Fields) => Promise<Response>
  /** POSTs a message and reads what comes back on the stream. */
  ask: (body: unknown) => Promise<Received>
  close: () => Promise<void>
}

export async function open (url: string, headers: Fields = {}): Promise<OpenStream> {
  const abort = new AbortController()
  const response = await fetch(url, { headers: { accept: 'text/event-stream', ...headers }, signal: abort.signal })
  const events: EventSourceMessage[] = []
  const comments: string[] = []
  const parser = createParser({ onEvent: event => events.push(event), onComment: comment => comments.push(comment) })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  const next = async (): Promise<EventSourceMessage | undefined> => {
    while (events.length === 0) {
      const read = await reader?.read().catch(() => undefined)
      if (read === undefined || read.done) return undefined
      parser.feed(read.value)
    }
    return events.shift()
  }
  const first = response.ok ? await next() : undefined
  const endpointData = first?.data ?? ''
  const endpoint = new URL(endpointData, url).href
  const message = async (): Promise<Received> => JSON.parse((await next())?.data ?? '{}') as Received
  const post: OpenStream['post'] = (body, more = {}) => fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers, ...more },
    body: typeof body === 'string' ? body : JSON.stringify(body)
  })
  const ask: OpenStream['ask'] = async body => {
    await post(body)
    return message()
  }
  return { response, endpoint, endpointData, comments, next, message, post, ask, close: async () => { abort.abort() } }
}

export function request (method: string, params: JsonObject = {}, id: string | number = 1): JsonObject {
  return { jsonrpc: '2.0', id, method, params }
}

export function initialize (protocolVersion = '2024-11-05', capabilities: JsonObject = {}): JsonObject {
  return request('initialize', { protocolVersion, capabilities, clientInfo: { name: 'test', version: '1' } }, 0)
}

/** A promise and what resolves it: tests wait for what happens, never for time to pass. */
export function signalled<T = void> (): { promise: Promise<T>, resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>(_resolve => { resolve = _resolve })
  return { promise, resolve }
}
