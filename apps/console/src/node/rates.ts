/** Throughput out of two looks at the same counters. Pure. */
import type { NodeStatus } from '../contract.d.ts'

/** Per second. */
export interface Rates {
  readonly requests: number
  readonly events: number
}

/** `null`: nothing can be said, because the node started anew or no time passed. */
export function ratesBetween (earlier: NodeStatus, later: NodeStatus): Rates | null {
  const seconds = (later.at - earlier.at) / 1000
  const requests = later.traffic.requests.total - earlier.traffic.requests.total
  const events = sent(later) - sent(earlier)
  return seconds > 0 && requests >= 0 && events >= 0 ? { requests: requests / seconds, events: events / seconds } : null
}

function sent ({ traffic: { events } }: NodeStatus): number {
  return events.written + events.replayed
}

/** The largest first, by name where they are equal. */
export function ranked (counts: Readonly<Record<string, number>>): Array<[name: string, count: number]> {
  return Object.entries(counts).filter(([, count]) => count > 0).sort(([a, x], [b, y]) => y - x || a.localeCompare(b))
}
