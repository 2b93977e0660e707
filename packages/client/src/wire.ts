import { isResponseMessage, messageKind, type JsonRpcMessage, type JsonRpcResponse } from '@mcp/protocol'
import { asError } from './coded-error.ts'
import { StateKeeper } from './connection-state.ts'
import { MCP_CLIENT_BAD_MESSAGE } from './errors.ts'
import { Caller } from './http/caller.ts'
import type { Http } from './http/http.ts'
import { LIMITS, numbers, type Limits } from './limits.ts'
import { Mailbox } from './mailbox.ts'
import { checkedUrl, onlyReads, type ClientOptions } from './options.ts'
import { RECONNECT, type ReconnectPolicy } from './stream/backoff.ts'
import { Timers } from './timers.ts'
import type { ClientListeners } from './transport.ts'

/** What everything in one client works with. */
export class Wire {
  readonly url: URL
  readonly limits: Limits
  readonly reconnect: ReconnectPolicy
  readonly isSafe: NonNullable<ClientOptions['isSafe']>
  readonly caller: Caller
  readonly timers = new Timers()
  readonly state: StateKeeper
  closed = false
  listeners: ClientListeners
  readonly #http: Http
  readonly #ownsHttp: boolean
  readonly #mailbox = new Mailbox<JsonRpcMessage>(message => this.#hand(message), error => this.report(error))

  constructor (url: string | URL, options: ClientOptions, http: () => Http, listeners: ClientListeners) {
    this.url = checkedUrl(url)
    this.limits = numbers('limits', options.limits, LIMITS)
    this.reconnect = numbers('reconnect', options.reconnect, RECONNECT)
    this.isSafe = options.isSafe ?? onlyReads
    this.listeners = listeners
    this.state = new StateKeeper(state => this.#call(() => this.listeners.onstate?.(state)))
    this.#ownsHttp = options.http === undefined
    this.#http = options.http ?? http()
    this.caller = new Caller(this.#http, options, this.limits, this.timers)
  }

  /** Hands a message on, in order. */
  deliver (message: JsonRpcMessage): void {
    this.#mailbox.put(message)
  }

  /** The text of an event no request waits for: a message that cannot be read is nobody's but its own trouble. */
  take (text: string, onResponse: (response: JsonRpcResponse) => void): void {
    try {
      for (const message of messagesIn(text)) {
        if (isResponseMessage(message)) onResponse(message)
        else this.deliver(message)
      }
    } catch (error) {
      this.report(error)
    }
  }

  /** What a listener throws is its own affair. */
  #hand (message: JsonRpcMessage): void {
    if (!this.closed) this.#call(() => this.listeners.onmessage?.(message))
  }

  /** Tells of what went wrong without failing anything. Where the listener for errors throws too, it is the last to hear of it. */
  report (error: unknown): void {
    if (this.closed) return
    const ignore = (): void => {}
    runListener(() => this.listeners.onerror?.(asError(error)), ignore)
  }

  #call (listener: () => unknown): void {
    runListener(listener, error => this.report(error))
  }

  /** A response to nothing that was asked (I-20). */
  stray ({ id }: JsonRpcResponse): void {
    this.report(new MCP_CLIENT_BAD_MESSAGE(`a response nobody waits for (${JSON.stringify(id)})`))
  }

  /** Ends all that runs and waits. What is sent afterwards, to say goodbye, is the closer's own. */
  stop (): void {
    this.closed = true
    this.timers.stop()
    this.caller.abortAll()
  }

  /** Lets go of the last sockets and timers. */
  async release (): Promise<void> {
    this.caller.abortAll()
    this.timers.close()
    if (this.#ownsHttp) await this.#http.close()
    this.state.close()
    this.#call(() => this.listeners.onclose?.())
  }
}

/** A listener is the application's code and may be asynchronous: what it throws or rejects with must not end the process. */
function runListener (listener: () => unknown, onError: (error: unknown) => void): void {
  try {
    const outcome = listener()
    if (outcome instanceof Promise) outcome.catch(onError)
  } catch (error) {
    onError(error)
  }
}

/** The messages in a JSON text: one, or of a batch each (I-21). @throws MCP_CLIENT_BAD_MESSAGE */
export function messagesIn (text: string): JsonRpcMessage[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new MCP_CLIENT_BAD_MESSAGE(`no JSON (${text.length} characters)`, { cause: error })
  }
  return (Array.isArray(value) ? value : [value]).map(checkedMessage)
}

/** @throws MCP_CLIENT_BAD_MESSAGE */
export function checkedMessage (value: unknown): JsonRpcMessage {
  if (!isMessage(value)) throw new MCP_CLIENT_BAD_MESSAGE(JSON.stringify(value).slice(0, 200))
  return value
}

export function isMessage (value: unknown): value is JsonRpcMessage {
  return messageKind(value) !== null
}
