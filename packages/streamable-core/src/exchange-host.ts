/** What exchanges need of the endpoint they belong to. */
import type { Exchange, Observers, Pace, Refusal, WatchedCall } from '@mcp/protocol'
import type { OutboundRequests } from '@mcp/session'
import type { FastifyBaseLogger } from 'fastify'

/** An exchange the endpoint can run: it knows what to do when the application fails. */
export interface RunnableExchange extends Exchange {
  fail (error: unknown): void
  /**
   * The application took it without failing.
   * @param returned What it returned, or its promise fulfilled with.
   * @param later Whether that was a promise.
   */
  settled (returned: unknown, later: boolean): void
  /** Lets itself be watched; one that has no such method is nobody's call. */
  observe? (observers: Observers): WatchedCall | undefined
}

export interface ExchangeHost {
  readonly retryMs: number
  readonly observers: Observers | undefined
  readonly outbound: OutboundRequests
  /** How often applications may report progress and log. */
  readonly pace: Pace | undefined
  readonly log: FastifyBaseLogger
  /** The refusal of a caller that lacks scopes, where somebody authenticates callers. */
  lacking (scopes: readonly string[]): Refusal | null
  /** Hands an exchange to the application; whatever it throws comes back through `fail`. */
  run (exchange: RunnableExchange): void
}
