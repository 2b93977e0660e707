/** What is going on, as plain JSON: for an admin page, a health check, a test. */
import type { Meter } from './meter.ts'
import type { Outcome } from './outcome.ts'
import type { StoredSessions } from './stored-sessions.ts'

/** Counts of this node since it started, and what is open right now. */
export interface TelemetrySnapshot {
  /** Sessions this node holds something of: used a moment ago, or with a stream, a running request or a server object. */
  readonly sessions: number
  /** Sessions in the storage, those of other nodes included; of a remote storage what it said last; `null` before it said anything. */
  readonly storedSessions: number | null
  readonly streams: {
    readonly open: number
    /** Open connections by kind: `post`, `standalone`, `resumed`, `listen`, `http+sse`. */
    readonly byKind: Readonly<Record<string, number>>
  }
  /** Requests that came as far as the application; notifications are not among them. */
  readonly requests: {
    readonly total: number
    readonly inFlight: number
    /** Of those that ended. */
    readonly byOutcome: Readonly<Record<Outcome, number>>
    readonly byMethod: Readonly<Record<string, number>>
  }
  /** HTTP requests that were turned away, by the rung of the ladder. */
  readonly refusals: Readonly<Record<string, number>>
  /** Events on streams: all that were written, and how many of them a client came back for. */
  readonly events: { readonly written: number, readonly replayed: number }
  /** Connections given up because their reader was too slow. */
  readonly detached: number
}

export function snapshotOf (meter: Meter, stored: StoredSessions): TelemetrySnapshot {
  const byOutcome: Record<Outcome, number> = { ok: 0, tool_error: 0, error: 0, cancelled: 0, lost: 0, refused: 0 }
  const byMethod: Record<string, number> = {}
  let ended = 0
  for (const { operation: { method, outcome }, count } of meter.operations) {
    if (method.startsWith('notifications/')) continue
    byOutcome[outcome] += count
    byMethod[method] = (byMethod[method] ?? 0) + count
    ended += count
  }
  const byKind = openStreams(meter)
  return {
    sessions: meter.sessions,
    storedSessions: stored.last(),
    streams: { open: Object.values(byKind).reduce((sum, count) => sum + count, 0), byKind },
    requests: { total: ended + meter.inFlight, inFlight: meter.inFlight, byOutcome, byMethod },
    refusals: meter.refusals.by('rung'),
    events: { written: meter.eventsWritten.total, replayed: meter.eventsReplayed.total },
    detached: meter.streamsClosed.by('reason').overflow ?? 0
  }
}

/** Connections by kind. */
export function openStreams (meter: Meter): Record<string, number> {
  const open = meter.streamsOpened.by('kind')
  for (const [kind, closed] of Object.entries(meter.streamsClosed.by('kind'))) open[kind] = (open[kind] ?? 0) - closed
  return open
}
