/** What exchanges need of the endpoint they belong to. */
import type { Exchange, Refusal } from '@mcp/protocol'
import type { OutboundRequests } from '@mcp/session'
import type { FastifyBaseLogger } from 'fastify'

/** An exchange the endpoint can run: it knows what to do when the application fails. */
export interface RunnableExchange extends Exchange {
  fail (error: unknown): void
}

export interface ExchangeHost {
  readonly retryMs: number
  readonly outbound: OutboundRequests
  readonly log: FastifyBaseLogger
  /** The refusal of a caller that lacks scopes, where somebody authenticates callers. */
  lacking (scopes: readonly string[]): Refusal | null
  /** Hands an exchange to the application; whatever it throws comes back through `fail`. */
  run (exchange: RunnableExchange): void
}
