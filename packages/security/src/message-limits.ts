/** Limits by JSON-RPC method and by tool, counted per message: each element of a batch is one. */
import type { Caller, JsonRpcNotification, JsonRpcRequest, MessageGate, Refusal } from '@mcp/protocol'
import type { CallerKeys } from './caller.ts'
import type { Count, Counters } from './counters.ts'
import { overLimit } from './refusal.ts'
import type { Limit, RateLimitSettings } from './settings.ts'

type Judged = JsonRpcRequest | JsonRpcNotification
type Verdict = Refusal | null

export class MessageLimits implements MessageGate {
  readonly #settings: RateLimitSettings
  readonly #counters: Counters
  readonly #keys: CallerKeys

  constructor (settings: RateLimitSettings, counters: Counters, keys: CallerKeys) {
    this.#settings = settings
    this.#counters = counters
    this.#keys = keys
  }

  judge (message: Judged, caller: Caller): Verdict | Promise<Verdict> {
    const { methods, tools } = this.#settings
    const ofMethod = methods.get(message.method)
    const tool = message.method === 'tools/call' ? message.params?.name : undefined
    const ofTool = typeof tool === 'string' ? tools.get(tool) : undefined
    if (ofMethod === undefined) return ofTool === undefined ? null : this.#hit(`tool ${String(tool)}`, ofTool, caller)
    const verdict = this.#hit(`method ${message.method}`, ofMethod, caller)
    if (ofTool === undefined) return verdict
    const next = (first: Verdict): Verdict | Promise<Verdict> => first ?? this.#hit(`tool ${String(tool)}`, ofTool, caller)
    return verdict instanceof Promise ? verdict.then(next) : next(verdict)
  }

  /** @param what a configured name: only those are looked up */
  #hit (what: string, limit: Limit, { principal, head }: Caller): Verdict | Promise<Verdict> {
    const key = `${what} ${this.#keys.of(principal, head.address)}`
    const verdict = ({ count, leftMs }: Count): Verdict => count > limit.max ? overLimit(`messages for ${what}`, limit, leftMs) : null
    const counted = this.#counters.hit(key, limit.windowMs)
    return counted instanceof Promise ? counted.then(verdict) : verdict(counted)
  }
}
