import type { NodeStatus } from '../contract.d.ts'

const MIB = 1024 * 1024

/** What is open now, in large figures. */
export function NodeFigures ({ status }: { readonly status: NodeStatus }) {
  const { traffic, uptimeMs, memory, draining } = status
  const figures: ReadonlyArray<readonly [name: string, value: string, note: string]> = [
    ['Sessions', count(traffic.sessions), traffic.storedSessions === null ? 'on this node' : `${count(traffic.storedSessions)} in the storage`],
    ['Open streams', count(traffic.streams.open), `${count(traffic.detached)} slow readers let go`],
    ['Requests under way', count(traffic.requests.inFlight), `${count(traffic.requests.total)} since the start`],
    ['Events sent', count(traffic.events.written), `${count(traffic.events.replayed)} replayed`],
    ['Memory', `${count(memory.rss / MIB)} MiB`, `heap ${count(memory.heapUsed / MIB)} MiB`],
    ['Up for', duration(uptimeMs), draining ? 'draining' : 'takes new sessions']
  ]
  return (
    <dl class='figures'>
      {figures.map(([name, value, note]) => (
        <div class='figure' key={name}>
          <dt>{name}</dt>
          <dd><span class='figure-value'>{value}</span><span class='figure-note'>{note}</span></dd>
        </div>
      ))}
    </dl>
  )
}

function count (value: number): string {
  return Math.round(value).toLocaleString('en')
}

function duration (ms: number): string {
  const seconds = Math.floor(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
