/** A real server on a real port with the plugin and an application that does what is asked of it. Everything closes with the test. */
import { setTimeout as sleep } from 'node:timers/promises'
import { mcpLegacySse } from '@mcp/legacy-sse'
import {
  errorResponse, isRequest, MetaKey, mirroredName, type Exchange, type ExchangeHandler, type JsonObject, type JsonRpcRequest, type RequestId
} from '@mcp/protocol'
import { mcpStreamable, type McpStreamableOptions } from '@mcp/streamable-core'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import { mcpTelemetry, type McpTelemetryOptions, type TelemetrySnapshot } from '../src/index.ts'

export const MODERN = '2026-07-28'
export const LEGACY = '2025-11-25'
export const BOTH = 'application/json, text/event-stream'

export type Fields = Record<string, string>
export type Held = Exchange & { readonly message: JsonRpcRequest }

export interface TestApp {
  app: FastifyInstance
  url: string
  origin: string
  logs: JsonObject[]
  /** Calls of the tool `hold`, which the test answers. */
  held: Held[]
  post: (body: unknown, headers?: Fields, signal?: AbortSignal) => Promise<Response>
  /** POSTs and reads the reply to its end. */
  rpc: (body: unknown, headers?: Fields) => Promise<string>
  /** Opens a session; answers the headers that name it. */
  open: (version?: string) => Promise<Fields>
  snapshot: () => TelemetrySnapshot
  /** Values by series, as a scraper reads them. */
  scrape: () => Promise<Map<string, number>>
}

export interface Setting {
  telemetry?: McpTelemetryOptions | false
  endpoint?: Partial<McpStreamableOptions>
  /** Registers what comes before the endpoint and after the plugin. */
  prepare?: (app: FastifyInstance) => void | Promise<unknown>
}

export async function startApp (t: Test, { telemetry = {}, endpoint = {}, prepare = () => {} }: Setting = {}): Promise<TestApp> {
  const logs: JsonObject[] = []
  const held: Held[] = []
  const stream = { write: (line: string) => { logs.push(JSON.parse(line) as JsonObject) } }
  const app: FastifyInstance = Fastify({ logger: { level: 'info', stream } })
  t.teardown(() => app.close())
  if (telemetry !== false) await app.register(mcpTelemetry, telemetry)
  await prepare(app)
  await app.register(mcpStreamable, { application: stage(held), closeTimeoutMs: 200, ...endpoint })
  await app.register(mcpLegacySse)
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  const url = `${origin}/mcp`
  const post: TestApp['post'] = (body, headers = {}, signal) => fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: BOTH, ...headers },
    body: JSON.stringify(body),
    ...(signal !== undefined && { signal })
  })
  const rpc: TestApp['rpc'] = async (body, headers) => (await post(body, headers)).text()
  const open = async (version = LEGACY): Promise<Fields> => {
    const reply = await post(call('initialize', { protocolVersion: version, capabilities: {}, clientInfo: { name: 'test', version: '1' } }))
    const id = reply.headers.get('mcp-session-id')
    if (id === null) throw new Error(`no session was opened: ${await reply.text()}`)
    await reply.text()
    return { 'mcp-session-id': id, ...(version >= '2025-06-18' && { 'mcp-protocol-version': version }) }
  }
  const snapshot = (): TelemetrySnapshot => app.mcpTelemetry.snapshot()
  const scrape = async (): Promise<Map<string, number>> => parse(await app.mcpTelemetry.metrics())
  return { app, url, origin, logs, held, post, rpc, open, snapshot, scrape }
}

export function call (method: string, params: JsonObject = {}, id: RequestId = 1): JsonObject {
  return { jsonrpc: '2.0', id, method, params }
}

export function tool (name: string, id: RequestId = 1, params: JsonObject = {}): JsonObject {
  return call('tools/call', { name, arguments: {}, ...params }, id)
}

/** Body and headers of a modern request. */
export function modern (method: string, params: JsonObject = {}, meta: JsonObject = {}): [JsonObject, Fields] {
  const _meta = { [MetaKey.ProtocolVersion]: MODERN, [MetaKey.ClientCapabilities]: {}, ...meta }
  const member = mirroredName(method)
  const name = member === undefined ? {} : { 'mcp-name': String(params[member]) }
  return [call(method, { ...params, _meta }), { 'mcp-protocol-version': MODERN, 'mcp-method': method, ...name }]
}

const TOOLS = ['echo', 'stumble', 'fail', 'crash', 'stream', 'hold']

/** What the tools do is their name. */
function stage (held: Held[]): ExchangeHandler {
  return async exchange => {
    const { message } = exchange
    if ('method' in message && message.method === 'notifications/crash') throw new Error('the notification broke it')
    if (!isRequest(message)) return
    const answer = (result: JsonObject): Promise<void> => exchange.send({ jsonrpc: '2.0', id: message.id, result })
    switch (message.method) {
      case 'initialize':
        return answer({ protocolVersion: exchange.revision, capabilities: {}, serverInfo: { name: 'stage', version: '1' } })
      case 'server/discover':
        return answer({ supportedVersions: [MODERN], capabilities: { tools: { listChanged: true } } })
      case 'tools/list':
        return answer({ tools: TOOLS.map(name => ({ name, inputSchema: { type: 'object' } })) })
      case 'prompts/get':
      case 'resources/read':
        return answer({})
      case 'tools/call':
        return perform(exchange as Held, held, answer)
    }
    return exchange.send(errorResponse(message.id, -32601, 'Method not found'))
  }
}

async function perform (exchange: Held, held: Held[], answer: (result: JsonObject) => Promise<void>): Promise<void> {
  const { message } = exchange
  switch (message.params?.name) {
    case 'echo':
      return answer({ content: [] })
    case 'stumble':
      return answer({ content: [], isError: true })
    case 'crash':
      throw new Error('the tool broke')
    case 'stream':
      await exchange.send({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 1, progress: 1 } })
      return answer({ content: [] })
    case 'hold':
      held.push(exchange)
      // The test answers; until then this works.
      return new Promise(() => {})
  }
  return exchange.send(errorResponse(message.id, -32602, `No tool ${String(message.params?.name)}`))
}

/** The samples of the text format, by name and labels as they stand there. */
export function parse (text: string): Map<string, number> {
  const samples = new Map<string, number>()
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('# HELP ') || line.startsWith('# TYPE ')) continue
    const match = /^([a-z_]+(?:\{(?:[a-z_]+="(?:[^"\\]|\\.)*",?)*\})?) (\S+)$/.exec(line)
    if (match?.[1] === undefined) throw new Error(`no sample: ${line}`)
    if (samples.has(match[1])) throw new Error(`twice: ${match[1]}`)
    samples.set(match[1], Number(match[2]))
  }
  return samples
}

/** Waits for what has no event of its own; the test's timeout is the limit. */
export async function until (condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!await condition()) await sleep(2)
}

/** Reads a stream until `text` has come; answers all that came. */
export async function readUntil (reader: ReadableStreamDefaultReader<Uint8Array>, text: string): Promise<string> {
  const decoder = new TextDecoder()
  let all = ''
  while (!all.includes(text)) {
    const { done, value } = await reader.read()
    if (done) break
    all += decoder.decode(value, { stream: true })
  }
  return all
}

export function readerOf ({ body }: Response): ReadableStreamDefaultReader<Uint8Array> {
  if (body === null) throw new Error('the reply has no body')
  return body.getReader()
}
