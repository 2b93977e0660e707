/** Keeps an application that reports its progress, or logs, without measure from flooding a client (H-11). */
import { reachesLogLevel, type JsonRpcMessage, type JsonRpcNotification, type Pace } from '@mcp/protocol'
import { inBackground } from '@mcp/storage'
import { Meter } from './meter.ts'

const PROGRESS = 'notifications/progress'
const LOG = 'notifications/message'
/** Tokens whose reports wait at once; there is one for each request a client waits for. */
const HELD_AT_MOST = 64
const DONE = Promise.resolve()

export const TOO_MANY = 'the application sends more of these than it may; some are left out'

/** How messages go out, and who is told once that some do not. */
export interface Outlet {
  send (message: JsonRpcNotification): Promise<void>
  leftOut (method: string): void
  /** A message that had to wait could not be sent. */
  onError (error: unknown): void
}

/** Of one request, or of what a session is told outside of any. */
export class Pacer {
  readonly #outlet: Outlet
  readonly #progress: Meter | null
  readonly #chatter: Meter | null
  readonly #errors: Meter | null
  /** The newest report of each token. */
  readonly #held = new Map<unknown, JsonRpcNotification>()
  #timer: NodeJS.Timeout | undefined
  #told = false

  constructor ({ progress, log }: Pace, outlet: Outlet) {
    this.#outlet = outlet
    this.#progress = progress && new Meter(progress)
    this.#chatter = log && new Meter(log)
    this.#errors = log && new Meter(log)
  }

  /** Whether a message is one of those that may come too often. */
  static paces (message: JsonRpcMessage): message is JsonRpcNotification {
    return 'method' in message && (message.method === PROGRESS || message.method === LOG)
  }

  /** Now, later, or not at all. */
  say (message: JsonRpcNotification): Promise<void> {
    if (message.method === PROGRESS) return this.#report(message)
    const meter = reachesLogLevel(message.params?.level, 'error') ? this.#errors : this.#chatter
    if (meter === null || meter.take()) return this.#outlet.send(message)
    this.#leaveOut(LOG)
    return DONE
  }

  /** What waits goes out: the response is next. */
  flush (): void {
    const held = [...this.#held.values()]
    this.stop()
    for (const message of held) this.#sendLate(message)
  }

  /** What waits does not go out any more. */
  stop (): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#held.clear()
  }

  #report (message: JsonRpcNotification): Promise<void> {
    const token = message.params?.progressToken
    // What waits is older: whatever follows it takes its place.
    if (this.#progress === null || (!this.#held.has(token) && this.#progress.take())) return this.#outlet.send(message)
    this.#hold(token, message, this.#progress)
    return DONE
  }

  #hold (token: unknown, message: JsonRpcNotification, meter: Meter): void {
    if (!this.#held.has(token) && this.#held.size >= HELD_AT_MOST) return this.#leaveOut(PROGRESS)
    this.#held.set(token, message)
    this.#timer ??= setTimeout(() => this.#release(meter), meter.leftMs).unref()
  }

  #release (meter: Meter): void {
    this.#timer = undefined
    for (const [token, message] of this.#held) {
      if (!meter.take()) break
      this.#held.delete(token)
      this.#sendLate(message)
    }
    if (this.#held.size > 0) this.#timer = setTimeout(() => this.#release(meter), meter.leftMs).unref()
  }

  /** Whoever sent it no longer waits. */
  #sendLate (message: JsonRpcNotification): void {
    inBackground(() => this.#outlet.send(message), error => this.#outlet.onError(error))
  }

  #leaveOut (method: string): void {
    if (!this.#told) this.#outlet.leftOut(method)
    this.#told = true
  }
}
