import {
  encodeFieldValue, isObject, scanParams, type JsonObject, type JsonRpcMessage, type JsonRpcRequest, type MirroredParam
} from '@mcp/protocol'

/**
 * Tool arguments that a modern server wants mirrored into headers. The binding asks this of every client, so the transport reads the
 * annotations out of `tools/list` results that pass through it, and takes tools with faulty ones out of them (E-20, E-21).
 */
export class ParamMirror {
  readonly #tools = new Map<string, readonly MirroredParam[]>()
  readonly #report: (error: Error) => void

  constructor (report: (error: Error) => void) {
    this.#report = report
  }

  /** The answer to a modern request, as it is to be handed on. */
  seen (request: JsonRpcRequest, answer: JsonRpcMessage): JsonRpcMessage {
    if (request.method !== 'tools/list' || !('result' in answer) || !Array.isArray(answer.result.tools)) return answer
    const tools: unknown[] = answer.result.tools
    const usable = tools.filter(tool => !isObject(tool) || this.#learn(tool))
    return usable.length === tools.length ? answer : { ...answer, result: { ...answer.result, tools: usable } }
  }

  /** The `Mcp-Param-*` headers of a request; none for a tool that was not listed before. */
  headers ({ method, params }: JsonRpcRequest): Record<string, string> {
    const known = method === 'tools/call' && typeof params?.name === 'string' ? this.#tools.get(params.name) : undefined
    const headers: Record<string, string> = {}
    for (const { header, path, type } of known ?? []) {
      const value = valueAt(params?.arguments, path)
      // A value without the annotated type has no form a header could have; what is in the body is for the server to judge.
      const given: string = typeof value
      if (type === 'integer' ? Number.isSafeInteger(value) : given === type) headers[header] = encodeFieldValue(String(value))
    }
    return headers
  }

  #learn (tool: JsonObject): boolean {
    const scan = scanParams(tool.inputSchema)
    if (typeof tool.name !== 'string') return true
    if ('fault' in scan) {
      this.#tools.delete(tool.name)
      this.#report(new Error(`Tool "${tool.name}" is left out: ${scan.fault}`))
      return false
    }
    this.#tools.set(tool.name, scan.params)
    return true
  }
}

function valueAt (args: unknown, path: readonly string[]): unknown {
  let value = args
  for (const key of path) value = isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
  return value
}
