/** A raw application that answers whatever it is asked, and does what applications may do on the way. */
import { ErrorCode, errorResponse, isRequest, type Exchange, type ExchangeHandler, type JsonObject, type JsonRpcRequest } from '@mcp/protocol'
import { setImmediate as turn } from 'node:timers/promises'

const capabilities = { tools: { listChanged: true }, resources: { subscribe: true }, logging: {} }
const serverInfo = { name: 'fuzzed', version: '1' }
const schema = { type: 'object', properties: { text: { type: 'string' }, mirrored: { type: 'string', 'x-mcp-header': 'Mirrored' } } }

/** What a tool does before it answers its arguments. */
const TOOLS: Readonly<Record<string, (exchange: Exchange, text: string) => void | Promise<void>>> = {
  echo: () => {},
  later: async () => { await turn() },
  progress: async (exchange, text) => {
    for (let progress = 1; progress <= 3; progress++) {
      await exchange.send({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 'p', progress, message: text } })
    }
  },
  // The answer does not wait for the client's, which may never come.
  ask: (exchange, text) => { exchange.send({ jsonrpc: '2.0', id: 'own', method: 'elicitation/create', params: { message: text } }).catch(() => {}) },
  say: (exchange, text) => exchange.session?.send({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: text } }),
  detach: exchange => exchange.detach(10),
  remember: (exchange, text) => exchange.session?.setState({ 'test/text': text }),
  terminate: async exchange => { await exchange.session?.terminate('as asked') },
  fail: () => { throw new Error('a secret of the application') }
}

export const TOOL_NAMES: readonly string[] = Object.keys(TOOLS)

/** @param publish tells every client that the tools changed */
export function fuzzedApplication (publish: () => void): ExchangeHandler {
  return async exchange => {
    const { message, revision } = exchange
    if (!isRequest(message)) return
    const answer = (result: JsonObject): Promise<void> => exchange.send({ jsonrpc: '2.0', id: message.id, result })
    switch (message.method) {
      case 'initialize': return answer({ protocolVersion: revision, capabilities, serverInfo })
      case 'server/discover': return answer({ supportedVersions: ['2026-07-28'], capabilities, ttlMs: 0, cacheScope: 'private' })
      case 'tools/list': return answer({ tools: TOOL_NAMES.map(name => ({ name, inputSchema: schema })) })
      case 'resources/list': return answer({ resources: [] })
      case 'resources/read': return answer({ contents: [{ uri: String(message.params?.uri), text: '' }] })
      case 'tools/call': return call(exchange, message)
      case 'logging/setLevel': publish(); return answer({})
      case 'ping': return answer({})
      default: return exchange.send(errorResponse(message.id, ErrorCode.MethodNotFound, 'Method not found'))
    }
  }
}

async function call (exchange: Exchange, message: JsonRpcRequest): Promise<void> {
  const name = message.params?.name
  const tool = typeof name === 'string' && Object.hasOwn(TOOLS, name) ? TOOLS[name] : undefined
  if (tool === undefined) return exchange.send(errorResponse(message.id, ErrorCode.InvalidParams, 'Unknown tool'))
  const text = JSON.stringify(message.params?.arguments) ?? 'nothing'
  await tool(exchange, text)
  await exchange.send({ jsonrpc: '2.0', id: message.id, result: { content: [{ type: 'text', text }] } })
}
