import { type JsonRpcMessage, messageKind } from '@mcp/protocol'
import { asError } from './coded-error.ts'
import type { ConnectionState } from './connection-state.ts'
import { StateKeeper } from './connection-state.ts'
import { MCP_CLIENT_BAD_MESSAGE } from './errors.ts'
import { Caller } from './http/caller.ts'
import type { Http } from './http/http.ts'
import { LIMITS, numbers, type Limits } from './limits.ts'
import { Mailbox } from './mailbox.ts'
import { checkedUrl, onlyReads, type ClientOptions } from './options.ts'
import { RECONNECT, type ReconnectPolicy } from './stream/backoff.ts'
import { Timers } from './timers.ts'
import type { TransportMessage } from './transport.ts'
import { Watches } from './watches.ts'

/** Where a client's messages and news go. */
export interface WireListeners {
  readonly message: (message: TransportMessage) => void
  readonly error: (error: Error) => void
  readonly state: (state: ConnectionState) => void
}

/** What everything in one client works with. */
export class Wire {
  readonly url: URL
  readonly limits: Limits
  readonly reconnect: ReconnectPolicy
  readonly isSafe: NonNullable<ClientOptions['isSafe']>
  readonly caller: Caller
  readonly timers = new Timers()
  readonly watches = new Watches()
  readonly state: StateKeeper
  closed = false
  readonly #http: Http
  readonly #ownsHttp: boolean
  readonly #listeners: WireListeners
  readonly #mailbox = new Mailbox<JsonRpcMessage>(message => this.#hand(message))

  constructor (url: string | URL, options: ClientOptions, http: () => Http, listeners: WireListeners) {
    this.url = checkedUrl(url)
    this.limits = numbers('limits', options.limits, LIMITS)
    this.reconnect = numbers('reconnect', options.reconnect, RECONNECT)
    this.isSafe = options.isSafe ?? onlyReads
    this.#ownsHttp = options.http === undefined
    this.#listeners = listeners
    this.state = new StateKeeper(listeners.state)
    this.#http = options.http ?? http()
    const { limits, watches } = this
    this.caller = new Caller({ http: this.#http, headers: options.headers ?? {}, auth: options.auth, limits, watches })
  }

  /** Hands a message on, in order. */
  deliver (message: JsonRpcMessage): void {
    this.#mailbox.put(message)
  }

  /** What a listener throws is its own affair. */
  #hand (message: JsonRpcMessage): void {
    if (this.closed) return
    try {
      this.#listeners.message(message)
    } catch (error) {
      this.report(error)
    }
  }

  /** Tells of what went wrong without failing anything. */
  report (error: unknown): void {
    if (!this.closed) this.#listeners.error(asError(error))
  }

  /** Ends all that runs and waits. What is sent afterwards, to say goodbye, is the closer's own. */
  stop (): void {
    this.closed = true
    this.timers.close()
    this.caller.abortAll()
  }

  /** Lets go of the last sockets and timers. */
  async release (): Promise<void> {
    this.caller.abortAll()
    this.watches.close()
    if (this.#ownsHttp) await this.#http.close()
    this.state.close()
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
  const values: unknown[] = Array.isArray(value) ? value : [value]
  return values.map(each => {
    if (!isMessage(each)) throw new MCP_CLIENT_BAD_MESSAGE(JSON.stringify(each).slice(0, 200))
    return each
  })
}

export function isMessage (value: unknown): value is JsonRpcMessage {
  return messageKind(value) !== null
}
