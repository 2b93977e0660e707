/** Which tool arguments are mirrored into headers, as each caller sees the tools (E-23). */
import { isObject, paramMismatch, principalKey, scanParams, type JsonRpcRequest, type ParamScan, type Revision } from '@mcp/protocol'
import type { MaybePromise } from '@mcp/storage'
import type { FastifyRequest } from 'fastify'
import type { ExchangeHost } from './exchange-host.ts'
import { sourceOf } from './inbound-exchange.ts'
import { ask } from './internal-exchange.ts'

type Tools = ReadonlyMap<string, ParamScan>

interface Seen {
  readonly tools: Tools
  readonly at: number
}

const FRESH_MS = 30_000
const MAX_CALLERS = 1_000
const MAX_PAGES = 100

/** Remembers what `tools/list` says for a while, per caller; a disagreement is checked against a new list before it counts. */
export class ToolParams {
  readonly #host: ExchangeHost
  readonly #seen = new Map<string, Seen>()

  constructor (host: ExchangeHost) {
    this.#host = host
  }

  /** The tools changed. */
  forget (): void {
    this.#seen.clear()
  }

  /** Why headers and arguments of a `tools/call` disagree, or `undefined`. A tool nobody knows is the application's to refuse. */
  mismatch (call: JsonRpcRequest, revision: Revision, request: FastifyRequest): MaybePromise<string | undefined> {
    const caller = callerKey(request)
    const seen = this.#seen.get(caller)
    if (seen !== undefined && seen.at > Date.now() - FRESH_MS && faultOf(seen.tools, call, request) === undefined) return undefined
    return this.#look(caller, revision, request).then(tools => faultOf(tools, call, request))
  }

  async #look (caller: string, revision: Revision, request: FastifyRequest): Promise<Tools> {
    const tools = new Map<string, ParamScan>()
    let cursor: unknown
    for (let page = 0; page < MAX_PAGES; page++) {
      const answer = await ask(this.#host, 'tools/list', cursor === undefined ? {} : { cursor }, revision, sourceOf(request))
      if (answer === null || !('result' in answer)) break
      const listed: unknown = answer.result.tools
      for (const tool of Array.isArray(listed) ? listed : []) {
        if (isObject(tool) && typeof tool.name === 'string') tools.set(tool.name, this.#scan(tool.name, tool.inputSchema, request))
      }
      cursor = answer.result.nextCursor
      if (typeof cursor !== 'string') break
    }
    const oldest = this.#seen.size >= MAX_CALLERS ? this.#seen.keys().next().value : undefined
    if (oldest !== undefined) this.#seen.delete(oldest)
    this.#seen.set(caller, { tools, at: Date.now() })
    return tools
  }

  #scan (name: string, schema: unknown, request: FastifyRequest): ParamScan {
    const scan = scanParams(schema)
    if ('fault' in scan) request.log.error({ tool: name, reason: scan.fault }, 'a tool with invalid x-mcp-header annotations is not served')
    return scan
  }
}

function faultOf (tools: Tools, call: JsonRpcRequest, request: FastifyRequest): string | undefined {
  const scan = tools.get(String(call.params?.name))
  if (scan === undefined) return undefined
  if ('fault' in scan) return `this tool is not served: ${scan.fault}`
  return scan.params.length === 0 ? undefined : paramMismatch(scan.params, call.params?.arguments, request.headers, request.raw.rawHeaders)
}

/** Two callers with equal identity and scopes see the same tools (E-10). */
function callerKey (request: FastifyRequest): string {
  const principal = request.mcpPrincipal
  return principal === null ? '' : principalKey(principal) + ' ' + principal.scopes.join(' ')
}
