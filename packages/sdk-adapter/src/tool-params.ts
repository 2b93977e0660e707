import {
  isErrorResponse, isObject, metaOf, MetaKey, paramMismatch, principalKey, scanParams,
  type Exchange, type JsonObject, type JsonRpcRequest, type JsonRpcResponse, type MirroredParam
} from '@mcp/protocol'
import type { MessageExtra, ServerTransport } from './server-transport.ts'

interface ToolList {
  readonly readAt: number
  readonly params: ReadonlyMap<string, readonly MirroredParam[]>
}

const FRESH_MS = 60_000
const MAX_LISTS = 1000
const MAX_PAGES = 100

/**
 * Compares `Mcp-Param-*` headers with the arguments of a tool call (E-22), by the schema this caller sees in `tools/list`
 * (E-23). Lists are the same for equal authorization (E-10), so one is remembered for each for a minute. A call is never
 * refused by a remembered list: before that the server at hand is asked.
 */
export class ToolParams {
  readonly #lists = new Map<string, ToolList>()

  /** Why headers and arguments disagree; `undefined` when they agree. */
  check (
    exchange: Exchange, call: JsonRpcRequest, transport: ServerTransport, extra: MessageExtra
  ): undefined | Promise<string | undefined> {
    const key = keyOf(exchange)
    const list = this.#lists.get(key)
    if (list !== undefined && performance.now() - list.readAt < FRESH_MS && agrees(list, exchange, call)) return undefined
    return this.#read(key, call, transport, extra).then(read => mismatch(read, exchange, call))
  }

  clear (): void {
    this.#lists.clear()
  }

  async #read (key: string, call: JsonRpcRequest, transport: ServerTransport, extra: MessageExtra): Promise<ToolList> {
    const params = new Map<string, readonly MirroredParam[]>()
    const envelope = envelopeOf(call)
    let cursor: unknown
    for (let page = 0; page < MAX_PAGES; page++) {
      const response = await transport.ask('tools/list', cursor === undefined ? envelope : { ...envelope, cursor }, extra)
      cursor = addTools(params, response)
      if (typeof cursor !== 'string') break
    }
    const list = { readAt: performance.now(), params }
    this.#lists.delete(key)
    this.#lists.set(key, list)
    const [oldest] = this.#lists.keys()
    if (this.#lists.size > MAX_LISTS && oldest !== undefined) this.#lists.delete(oldest)
    return list
  }
}

function keyOf (exchange: Exchange): string {
  const { principal, revision } = exchange
  return principal === null ? revision : JSON.stringify([revision, principalKey(principal), principal.scopes])
}

/** Adds the tools of one page and answers where the next one starts. */
function addTools (params: Map<string, readonly MirroredParam[]>, response: JsonRpcResponse): unknown {
  if (isErrorResponse(response)) return undefined
  const { tools, nextCursor } = response.result
  for (const tool of Array.isArray(tools) ? tools : []) {
    if (!isObject(tool) || typeof tool.name !== 'string') continue
    const scan = scanParams(tool.inputSchema)
    // Clients leave a tool with a misplaced annotation alone, so there is nothing to compare (E-20).
    params.set(tool.name, 'params' in scan ? scan.params : [])
  }
  return nextCursor
}

function agrees (list: ToolList, exchange: Exchange, call: JsonRpcRequest): boolean {
  return list.params.has(String(call.params?.name)) && mismatch(list, exchange, call) === undefined
}

function mismatch (list: ToolList, exchange: Exchange, call: JsonRpcRequest): string | undefined {
  const params = list.params.get(String(call.params?.name))
  return params === undefined ? undefined : paramMismatch(params, call.params?.arguments, exchange.request.headers, [])
}

function envelopeOf (call: JsonRpcRequest): JsonObject {
  const meta = metaOf(call)
  const envelope: JsonObject = {}
  for (const key of [MetaKey.ProtocolVersion, MetaKey.ClientCapabilities, MetaKey.ClientInfo]) {
    if (meta?.[key] !== undefined) envelope[key] = meta[key]
  }
  return { _meta: envelope }
}
