/** What `fastify.mcpTelemetry` offers: the figures, as JSON and as text for Prometheus. */
import type { Registry } from 'prom-client'
import type { Meter } from './meter.ts'
import { snapshotOf, type TelemetrySnapshot } from './snapshot.ts'
import type { StoredSessions } from './stored-sessions.ts'

export interface McpTelemetry {
  /** Where the metrics are registered. */
  readonly registry: Registry
  /** Of the text {@link metrics} answers. */
  readonly contentType: string
  /** Plain JSON; takes no time worth mentioning. */
  snapshot (): TelemetrySnapshot
  /** Everything in the registry, as Prometheus reads it. */
  metrics (): Promise<string>
}

export class Telemetry implements McpTelemetry {
  readonly registry: Registry
  readonly #meter: Meter
  readonly #stored: StoredSessions

  constructor (registry: Registry, meter: Meter, stored: StoredSessions) {
    this.registry = registry
    this.#meter = meter
    this.#stored = stored
  }

  get contentType (): string {
    return this.registry.contentType
  }

  snapshot (): TelemetrySnapshot {
    return snapshotOf(this.#meter, this.#stored)
  }

  metrics (): Promise<string> {
    return this.registry.metrics()
  }
}
