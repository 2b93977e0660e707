/** The words labels are made of, learned from what applications say. */
import { isObject, type CallEnd, type JsonRpcNotification, type JsonRpcRequest } from '@mcp/protocol'
import { ErrorCodes } from './error-codes.ts'
import { METHODS } from './methods.ts'
import { KnownNames, OTHER } from './names.ts'
import type { TargetKind } from './operations.ts'
import { endingOf, type Ending } from './outcome.ts'

type Call = JsonRpcRequest | JsonRpcNotification

export class Vocabulary {
  readonly tools: KnownNames
  readonly prompts: KnownNames
  readonly #methods: KnownNames
  readonly #codes = new ErrorCodes()

  /** `most` names of tools, and as many of prompts; `methods` beside those of the protocol. */
  constructor (most: number, methods: readonly string[]) {
    this.tools = new KnownNames(most)
    this.prompts = new KnownNames(most)
    this.#methods = new KnownNames(0, [...METHODS, ...methods])
  }

  method (call: Call): string {
    if (this.#methods.knows(call.method)) return call.method
    return 'id' in call ? OTHER : `notifications/${OTHER}`
  }

  /** The tool or prompt a call is about, under its label. */
  name (kind: TargetKind, call: Call): string {
    if (kind === null) return ''
    const name = call.params?.name
    return typeof name === 'string' ? (kind === 'tool' ? this.tools : this.prompts).label(name) : OTHER
  }

  ending (end: CallEnd): Ending {
    return endingOf(end, this.#codes)
  }

  /** What an application lists, or answers with success, exists. */
  learn (call: Call, end: CallEnd): void {
    if (end.kind !== 'answered' || !('result' in end.response)) return
    const { result } = end.response
    switch (call.method) {
      case 'tools/call':
        if (result.isError !== true) this.tools.learn(call.params?.name)
        break
      case 'prompts/get':
        this.prompts.learn(call.params?.name)
        break
      case 'tools/list':
        learnAll(this.tools, result.tools)
        break
      case 'prompts/list':
        learnAll(this.prompts, result.prompts)
    }
  }
}

export function targetOf (method: string): TargetKind {
  if (method === 'tools/call') return 'tool'
  return method === 'prompts/get' ? 'prompt' : null
}

function learnAll (names: KnownNames, entries: unknown): void {
  if (!Array.isArray(entries)) return
  for (const entry of entries) if (isObject(entry)) names.learn(entry.name)
}
