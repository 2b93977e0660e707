/** Limits by JSON-RPC method and by tool, counted per message: each element of a batch is one. */
import { clientMethods, OfferCheck, type Caller, type JsonRpcNotification, type JsonRpcRequest, type MessageGate, type Offered, type Refusal } from '@mcp/protocol'
import type { FastifyBaseLogger } from 'fastify'
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
  /** Absent when no tool has a limit. */
  readonly offers?: (offer: Promise<Offered>) => void

  constructor (settings: RateLimitSettings, counters: Counters, keys: CallerKeys, log: FastifyBaseLogger) {
    const check = settings.tools.size === 0 ? null : toolCheck([...settings.tools.keys()], log)
    if (check !== null) this.offers = offer => check.add(offer)
    const unknown = [...settings.methods.keys()].filter(method => !clientMethods().includes(method))
    for (const method of unknown) log.warn({ method }, 'a rate limit names a method that is not part of MCP: it limits nothing unless the application serves this method')
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

/** A limit with a misspelled name limits nothing. */
function toolCheck (tool: readonly string[], log: FastifyBaseLogger): OfferCheck {
  return new OfferCheck({ tool, prompt: [], resource: [] }, ({ unknown, offered }) => {
    for (const { name, similar } of unknown) {
      log.warn({ tool: name, similar, offered: offered.tool?.length }, 'a rate limit names a tool that the application does not offer')
    }
  })
}
