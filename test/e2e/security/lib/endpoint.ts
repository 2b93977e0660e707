/** An endpoint behind `@mcp/security` and `@mcp/auth`, and a client that speaks both eras. Everything closes with the test. */
import { mcpAuth } from '@mcp/auth'
import { isRequest, MetaKey, type Exchange, type JsonObject } from '@mcp/protocol'
import { mcpSecurity, type McpSecurityOptions } from '@mcp/security'
import { mcpStreamable } from '@mcp/streamable-core'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Test } from 'tap'

export type Fields = Record<string, string>

export interface Endpoint {
  readonly app: FastifyInstance
  readonly url: string
  /** Tools that ran, by name. */
  readonly ran: string[]
  /** Tokens authentication was asked about. */
  readonly asked: Array<string | null>
  /** Lets the tool `wait` answer. */
  readonly release: () => void
  readonly post: (body: unknown, headers?: Fields) => Promise<Response>
  /** The headers of a session opened by `token`. */
  readonly openSession: (token: string) => Promise<Fields>
}

/**
 * Tools: `echo` answers, `talk` reports progress first, `flood` does so a thousand times and logs as often, `wait` begins a stream and
 * answers when the test says so.
 */
export async function startEndpoint (
  t: Test, options: McpSecurityOptions, prepare: (app: FastifyInstance) => Promise<void> = async () => {}
): Promise<Endpoint> {
  const app: FastifyInstance = Fastify()
  t.teardown(() => app.close())
  const ran: string[] = []
  const asked: Array<string | null> = []
  const waiting: Array<() => void> = []
  await app.register(mcpSecurity, options)
  await app.register(mcpAuth, {
    custom: token => {
      asked.push(token)
      return token === null || token.startsWith('bad') ? null : { issuer: 'test', subject: token, scopes: [] }
    }
  })
  await app.register(mcpStreamable, { closeTimeoutMs: 500, application: exchange => answer(exchange, ran, waiting) })
  await prepare(app)
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  const url = `${origin}/mcp`
  const post: Endpoint['post'] = (body, headers = {}) => {
    const fields = { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers }
    return fetch(url, { method: 'POST', headers: fields, body: JSON.stringify(body) })
  }
  const openSession: Endpoint['openSession'] = async token => {
    const params = { protocolVersion: '2025-03-26', capabilities: {}, clientInfo: { name: 'test', version: '1' } }
    const reply = await post({ jsonrpc: '2.0', id: 0, method: 'initialize', params }, bearer(token))
    await reply.text()
    const id = reply.headers.get('mcp-session-id')
    if (id === null) throw new Error(`no session was opened: ${reply.status}`)
    return { 'mcp-session-id': id, ...bearer(token) }
  }
  return { app, url, ran, asked, post, openSession, release: () => { for (const go of waiting.splice(0)) go() } }
}

async function answer (exchange: Exchange, ran: string[], waiting: Array<() => void>): Promise<void> {
  const { message, revision } = exchange
  if (!isRequest(message)) return
  const capabilities = { tools: {} }
  const serverInfo = { name: 'test', version: '1' }
  const result = (value: JsonObject) => exchange.send({ jsonrpc: '2.0', id: message.id, result: value })
  if (message.method === 'initialize') return result({ protocolVersion: revision, capabilities, serverInfo })
  if (message.method !== 'tools/call') return result({ tools: [] })
  const name = String(message.params?.['name'])
  ran.push(name)
  for (let i = 1; i <= (name === 'flood' ? 1000 : name === 'echo' ? 0 : 1); i++) {
    await exchange.send({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 'p', progress: i } })
    if (name === 'flood') await exchange.send({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: i } })
  }
  if (name === 'wait') await new Promise<void>(resolve => waiting.push(resolve))
  return result({ content: [{ type: 'text', text: name }] })
}

export function bearer (token: string): Fields {
  return { authorization: `Bearer ${token}` }
}

export function toolCall (name: string, id = 1): JsonObject {
  return { jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: {}, _meta: { progressToken: 'p' } } }
}

/** Body and headers of a call in the modern era. */
export function modernCall (name: string, token: string): [JsonObject, Fields] {
  const _meta = { [MetaKey.ProtocolVersion]: '2026-07-28', [MetaKey.ClientCapabilities]: {}, progressToken: 'p' }
  const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: {}, _meta } }
  return [body, { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': name, ...bearer(token) }]
}

/** The statuses of as many replies, one after the other. */
export async function statuses (count: number, request: () => Promise<Response>): Promise<number[]> {
  const all: number[] = []
  for (let i = 0; i < count; i++) {
    const reply = await request()
    await reply.text()
    all.push(reply.status)
  }
  return all
}
