import { signal } from '@preact/signals'
import { RpcError } from '@mcp/client/browser'
import { isObject, type JsonObject } from '@mcp/protocol'
import type { Link } from './link.ts'
import type { Questions } from './question.ts'

/** A server that asks for ever is not answered for ever. */
const MAX_ROUNDS = 20

export interface Progress {
  readonly progress: number
  readonly total: number | undefined
  readonly message: string | undefined
}

export type CallState =
  | { readonly kind: 'running' }
  | { readonly kind: 'answered', readonly result: JsonObject, readonly milliseconds: number }
  | { readonly kind: 'failed', readonly message: string, readonly milliseconds: number }

let tokens = 0

/** One `tools/call`, with as many rounds as the server has questions. */
export class Call {
  readonly tool: string
  readonly progressToken = `console-${++tokens}`
  readonly state = signal<CallState>({ kind: 'running' })
  readonly progress = signal<Progress | null>(null)
  readonly #abort = new AbortController()

  constructor (tool: string) {
    this.tool = tool
  }

  async run (link: Link, questions: Questions, content: JsonObject): Promise<void> {
    const began = performance.now()
    const milliseconds = (): number => Math.round(performance.now() - began)
    try {
      const result = await this.#rounds(link, questions, content)
      this.state.value = { kind: 'answered', result, milliseconds: milliseconds() }
    } catch (error) {
      this.state.value = { kind: 'failed', message: describe(error), milliseconds: milliseconds() }
    }
  }

  cancel (): void {
    this.#abort.abort()
  }

  /** Takes a `notifications/progress` that is about this call. */
  takeProgress (params: JsonObject): void {
    const { progress, total, message } = params
    if (params.progressToken !== this.progressToken || typeof progress !== 'number') return
    this.progress.value = { progress, total: typeof total === 'number' ? total : undefined, message: typeof message === 'string' ? message : undefined }
  }

  /** Modern: a result may ask for input first; the call is then made again, with the answers. */
  async #rounds (link: Link, questions: Questions, content: JsonObject): Promise<JsonObject> {
    const first = { name: this.tool, arguments: content, _meta: { progressToken: this.progressToken } }
    let params: JsonObject = first
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const result = await link.request('tools/call', params, { signal: this.#abort.signal, timeoutMs: 0 })
      if (result.resultType !== 'input_required') return result
      const inputResponses = await answers(result.inputRequests, questions)
      const { requestState } = result
      params = { ...first, inputResponses, ...(requestState !== undefined && { requestState }) }
    }
    throw new Error(`The server asked for input ${MAX_ROUNDS} times`)
  }
}

async function answers (inputRequests: unknown, questions: Questions): Promise<JsonObject> {
  const asked = isObject(inputRequests) ? Object.entries(inputRequests) : []
  const given: Array<[string, unknown]> = []
  for (const [key, request] of asked) {
    if (isObject(request)) given.push([key, await questions.ask(String(request.method), request.params)])
  }
  return Object.fromEntries(given)
}

function describe (error: unknown): string {
  if (error instanceof RpcError) return `${error.rpc.message} (${error.rpc.code})`
  return error instanceof Error ? error.message : String(error)
}
