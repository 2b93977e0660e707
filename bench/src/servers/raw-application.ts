/** The smallest application: raw messages in, raw messages out. */
import { eraOf, isRequest } from '@mcp/protocol'
import type { Exchange, JsonObject, JsonRpcRequest } from '@mcp/protocol'

const SERVER_INFO = { name: 'bench', version: '1.0.0' }
const TOOLS = [
  { name: 'echo', inputSchema: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] } },
  { name: 'burst', inputSchema: { type: 'object', properties: { count: { type: 'integer' } }, required: ['count'] } }
]

export async function rawApplication (exchange: Exchange): Promise<void> {
  const { message } = exchange
  if (!isRequest(message)) return
  const { id } = message
  if (message.method === 'tools/call' && message.params?.name === 'burst') await burst(exchange, message)
  const result = resultOf(exchange, message)
  if (result === undefined) {
    return exchange.send({ jsonrpc: '2.0', id, error: { code: -32601, message: 'Method not found' } })
  }
  return exchange.send({ jsonrpc: '2.0', id, result })
}

function resultOf (exchange: Exchange, { method, params }: JsonRpcRequest): JsonObject | undefined {
  switch (method) {
    case 'initialize':
      return { protocolVersion: exchange.revision, capabilities: { tools: {} }, serverInfo: SERVER_INFO }
    case 'server/discover':
      return { supportedVersions: [exchange.revision], capabilities: { tools: {} }, ttlMs: 0, cacheScope: 'private' }
    case 'ping':
      return {}
    case 'tools/list':
      return { tools: TOOLS }
    case 'tools/call':
      return called(params ?? {}, eraOf(exchange.revision) === 'modern')
    default:
      return undefined
  }
}

function called ({ name, arguments: given }: JsonObject, modern: boolean): JsonObject | undefined {
  const { text, count } = given as { text?: string, count?: number }
  if (name === 'echo') return content(text, modern)
  return name === 'burst' ? content(`${count} events`, modern) : undefined
}

function content (text: string | undefined, modern: boolean): JsonObject {
  const content = [{ type: 'text', text }]
  return modern ? { resultType: 'complete', content } : { content }
}

async function burst (exchange: Exchange, { params }: JsonRpcRequest): Promise<void> {
  const { progressToken } = params?._meta as { progressToken?: string }
  const { count } = params?.arguments as { count: number }
  for (let progress = 1; progress <= count; progress++) {
    await exchange.send({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken, progress, total: count } })
  }
}
