import { MetaKey, isObject, type JsonObject } from '@mcp/protocol'
import { createMcpHandler } from '@modelcontextprotocol/server'
import type { ChangeNotification } from '../../src/sdk/context.ts'
import { buildServer } from '../../src/sdk/server.ts'

export const EVERYTHING: JsonObject = { elicitation: {}, sampling: {}, roots: {} }

export interface Answer {
  readonly status: number
  readonly result: JsonObject
  readonly error: JsonObject
}

/** Talks to the server through the SDK's own handler, without sockets: each request meets a fresh server. */
export function modernClient () {
  const published: ChangeNotification[] = []
  const handler = createMcpHandler(() => buildServer({ publish: change => { published.push(change) } }))
  return { request, published }

  async function request (
    method: string, params: JsonObject = {}, capabilities: JsonObject = EVERYTHING, meta: JsonObject = {}
  ): Promise<Answer> {
    const envelope = { [MetaKey.ProtocolVersion]: '2026-07-28', [MetaKey.ClientCapabilities]: capabilities, ...meta }
    const name = params.name ?? params.uri
    const response = await handler.fetch(new Request('http://127.0.0.1/mcp', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': method,
        ...(typeof name === 'string' && { 'mcp-name': name })
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: envelope } })
    }))
    const body: unknown = await response.json()
    const { result, error } = isObject(body) ? body : {}
    return { status: response.status, result: isObject(result) ? result : {}, error: isObject(error) ? error : {} }
  }
}
