/** The figures of a meter as metrics of prom-client, under the names the semantic conventions give them in Prometheus. */
import { Counter, Gauge, type Metric, type Registry } from 'prom-client'
import { DurationMetric } from './duration-metric.ts'
import { OPERATION_BOUNDS, SESSION_BOUNDS } from './durations.ts'
import type { Meter } from './meter.ts'
import type { Operation } from './operations.ts'
import { openStreams } from './snapshot.ts'
import type { StoredSessions } from './stored-sessions.ts'
import type { Labels, Tally } from './tally.ts'

/** Registers the metrics; answers how to take them back. */
export function register (registry: Registry, meter: Meter, stored: StoredSessions): () => void {
  const metrics = [...durations(meter), ...gauges(meter, stored), ...counters(meter)]
  for (const metric of metrics) registry.registerMetric(metric)
  const names = metrics.map(nameOf)
  return () => { for (const name of names) registry.removeSingleMetric(name) }
}

function durations (meter: Meter): Metric[] {
  return [
    new DurationMetric({
      name: 'mcp_server_operation_duration_seconds',
      help: 'Duration of an MCP request or notification, from when it was taken until its answer was sent',
      bounds: OPERATION_BOUNDS,
      series: () => [...meter.operations].map(series => ({ labels: labelsOf(series.operation), durations: series }))
    }),
    new DurationMetric({
      name: 'mcp_server_session_duration_seconds',
      help: 'Duration of an MCP session that this node ended',
      bounds: SESSION_BOUNDS,
      series: () => [...meter.sessionDurations].map(([revision, series]) => {
        return { labels: { ...TRANSPORT, mcp_protocol_version: revision }, durations: series }
      })
    })
  ]
}

const TRANSPORT = { network_transport: 'tcp' }

function labelsOf ({ method, target, name, revision, errorType }: Operation): Labels {
  return {
    ...TRANSPORT,
    mcp_method_name: method,
    mcp_protocol_version: revision,
    ...(target === 'tool' && { gen_ai_tool_name: name, gen_ai_operation_name: 'execute_tool' }),
    ...(target === 'prompt' && { gen_ai_prompt_name: name }),
    ...(errorType !== '' && { error_type: errorType })
  }
}

function gauges (meter: Meter, stored: StoredSessions): Metric[] {
  return [
    gauge('mcp_server_requests_in_flight', 'Requests whose answer is owed', async self => self.set(meter.inFlight)),
    gauge('mcp_server_sessions_active', 'Sessions this node holds something of', async self => self.set(meter.sessions)),
    gauge('mcp_server_sessions_stored', 'Sessions in the storage, those of all nodes that share it', async self => {
      self.reset()
      const count = await stored.now()
      if (count === null) self.remove()
      else self.set(count)
    }),
    gauge('mcp_server_streams_open', 'Open event streams by kind', async self => {
      for (const [kind, open] of Object.entries(openStreams(meter))) self.set({ kind }, open)
    }, ['kind'])
  ]
}

function gauge (name: string, help: string, collect: (self: Gauge) => Promise<void>, labelNames: string[] = []): Gauge {
  return new Gauge({ name, help, labelNames, registers: [], collect () { return collect(this) } })
}

function counters (meter: Meter): Metric[] {
  return [
    counter('mcp_server_refusals_total', 'HTTP requests turned away, by the rung of the ladder', meter.refusals, ['rung', 'status']),
    counter('mcp_server_sessions_opened_total', 'Sessions opened on this node', meter.sessionsOpened, ['mcp_protocol_version']),
    counter('mcp_server_sessions_ended_total', 'Sessions this node ended for good', meter.sessionsEnded, ['mcp_protocol_version']),
    counter('mcp_server_streams_opened_total', 'Event streams opened', meter.streamsOpened, ['kind']),
    counter('mcp_server_streams_closed_total', 'Event streams closed; reason overflow: the reader was too slow', meter.streamsClosed, ['kind', 'reason']),
    counter('mcp_server_events_written_total', 'Events written to streams', meter.eventsWritten, ['kind']),
    counter('mcp_server_events_replayed_total', 'Events written to clients that came back for them', meter.eventsReplayed, ['kind'])
  ]
}

function counter (name: string, help: string, tally: Tally, labelNames: string[]): Counter {
  return new Counter({
    name,
    help,
    labelNames,
    registers: [],
    collect () {
      this.reset()
      for (const { labels, value } of tally.entries()) this.inc({ ...labels }, value)
    }
  })
}

function nameOf (metric: Metric): string {
  return String(Reflect.get(metric, 'name'))
}
