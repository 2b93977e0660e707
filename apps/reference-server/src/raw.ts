import { setTimeout as sleep } from 'node:timers/promises'
import {
  ErrorCode, MODERN_REVISIONS, MetaKey, errorResponse, isObject, isRequest, metaOf,
  type Exchange, type ExchangeHandler, type JsonObject, type JsonRpcRequest
} from '@mcp/protocol'
import { MAX_BURST, MAX_COUNTDOWN } from './limits.ts'
import { rawTools } from './raw-tools.ts'

const serverInfo = { name: 'mcp-reference-server-raw', version: '0.0.0' }
const capabilities = { tools: {} }
const discovery = { supportedVersions: MODERN_REVISIONS, capabilities, _meta: { [MetaKey.ServerInfo]: serverInfo } }
const toolList = { tools: rawTools }

/**
 * The application as a plain function, with as little work per message as possible: what is measured with it is the
 * transport. Results leave out what the endpoint adds for modern revisions.
 */
export const rawApplication: ExchangeHandler = exchange => {
  const { message } = exchange
  if (!isRequest(message)) return undefined
  switch (message.method) {
    case 'tools/call':
      return call(exchange, message)
    case 'initialize':
      return answer(exchange, message, { protocolVersion: exchange.revision, capabilities, serverInfo })
    case 'ping':
      return answer(exchange, message, {})
    case 'server/discover':
      return answer(exchange, message, discovery)
    case 'tools/list':
      return answer(exchange, message, toolList)
    default:
      return exchange.send(errorResponse(message.id, ErrorCode.MethodNotFound, `Method ${message.method} is not served here`))
  }
}

function call (exchange: Exchange, message: JsonRpcRequest): Promise<void> {
  const name = message.params?.name
  const input = message.params?.arguments
  const given: JsonObject = isObject(input) ? input : {}
  switch (name) {
    case 'echo':
      return typeof given.text === 'string'
        ? exchange.send({ jsonrpc: '2.0', id: message.id, result: { content: [{ type: 'text', text: given.text }] } })
        : refuse(exchange, message, 'text must be a string')
    case 'burst':
      return isCount(given.count, MAX_BURST)
        ? burst(exchange, message, given.count)
        : refuse(exchange, message, `count must be an integer from 0 to ${MAX_BURST}`)
    case 'countdown':
      return isCount(given.seconds, MAX_COUNTDOWN)
        ? countdown(exchange, message, given.seconds)
        : refuse(exchange, message, `seconds must be an integer from 0 to ${MAX_COUNTDOWN}`)
    default:
      return exchange.send(errorResponse(message.id, ErrorCode.InvalidParams, `Unknown tool: ${String(name)}`))
  }
}

async function burst (exchange: Exchange, message: JsonRpcRequest, count: number): Promise<void> {
  const progressToken = metaOf(message)?.progressToken
  const { signal } = exchange
  if (progressToken !== undefined) {
    for (let progress = 1; progress <= count; progress++) {
      if (signal.aborted) return
      await exchange.send({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken, progress, total: count } })
    }
  }
  await say(exchange, message, `Sent ${count} progress notifications`)
}

async function countdown (exchange: Exchange, message: JsonRpcRequest, seconds: number): Promise<void> {
  const progressToken = metaOf(message)?.progressToken
  const { signal } = exchange
  for (let progress = 1; progress <= seconds; progress++) {
    const cancelled = await sleep(1000, false, { signal }).catch(() => true)
    if (cancelled) return
    if (progressToken === undefined) continue
    await exchange.send({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken, progress, total: seconds } })
  }
  await say(exchange, message, `Counted ${seconds} seconds`)
}

function say (exchange: Exchange, message: JsonRpcRequest, text: string): Promise<void> {
  return answer(exchange, message, { content: [{ type: 'text', text }] })
}

/** Bad arguments are the result of a call, so that a model can read what was wrong with them. */
function refuse (exchange: Exchange, message: JsonRpcRequest, text: string): Promise<void> {
  return answer(exchange, message, { content: [{ type: 'text', text }], isError: true })
}

function answer (exchange: Exchange, message: JsonRpcRequest, result: JsonObject): Promise<void> {
  return exchange.send({ jsonrpc: '2.0', id: message.id, result })
}

function isCount (value: unknown, maximum: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= maximum
}
