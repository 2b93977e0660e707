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

/** A question that is under way. */
interface Asking {
  readonly tools: Promise<Tools>
  /** It took longer than a call waits. */
  late: boolean
}

const FRESH_MS = 30_000
/** How long a call waits for the list: an application without one must not slow its calls down. */
const WAIT_MS = 250
const NONE: Tools = new Map()
const MAX_CALLERS = 1_000
const MAX_PAGES = 100

/** Remembers what `tools/list` says for a while, per caller; a disagreement is checked against a new list before it counts. */
export class ToolParams {
  readonly #host: ExchangeHost
  readonly #seen = new Map<string, Seen>()
  readonly #asking = new Map<string, Asking>()
  /** The application did not answer the last question in time, so calls do not wait for the next answer. */
  #slow = false

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
    return this.#tools(caller, revision, request).then(tools => faultOf(tools, call, request))
  }

  /** The list as it is now; what was known of it where the application takes too long to say. Its answer counts for later calls. */
  async #tools (caller: string, revision: Revision, request: FastifyRequest): Promise<Tools> {
    const known = this.#seen.get(caller)?.tools ?? NONE
    const asking = this.#asking.get(caller) ?? this.#ask(caller, revision, request)
    if (asking.late || this.#slow) return known
    let timer: NodeJS.Timeout | undefined
    const waited = new Promise<Tools>(resolve => {
      timer = setTimeout(() => {
        asking.late = this.#slow = true
        request.log.warn({ waitedMs: WAIT_MS }, 'the application is slow to answer tools/list: calls go on without checking their headers')
        resolve(known)
      }, WAIT_MS)
    })
    return Promise.race([asking.tools, waited]).finally(() => clearTimeout(timer))
  }

  #ask (caller: string, revision: Revision, request: FastifyRequest): Asking {
    const begun = performance.now()
    const tools = this.#look(caller, revision, request).finally(() => {
      this.#asking.delete(caller)
      this.#slow = performance.now() - begun > WAIT_MS
    })
    const asking: Asking = { tools, late: false }
    this.#asking.set(caller, asking)
    return asking
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
