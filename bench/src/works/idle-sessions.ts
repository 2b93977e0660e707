/** Work: 100,000 sessions of an SDK application in which nothing happens any more, then a request in some of them. */
import { setTimeout as sleep } from 'node:timers/promises'
import { SDK_SESSION } from '../contestants.ts'
import { askEach, openSessions } from '../load/many.ts'
import { limit } from '../outcome.ts'
import type { Outcome } from '../outcome.ts'
import type { Pinning } from '../pin.ts'
import { RunningServer } from '../running-server.ts'
import type { Scale } from '../scale.ts'
import { on, Storages } from '../storages.ts'

/** When a server object that has nothing to do is given up. */
const IDLE_MS = 1000
/** A node keeps what it knows of a session at hand for a minute after the last request, and looks every half minute. */
const FORGOTTEN_MS = 95_000
/** So many are asked, evenly spread over all. */
const ASKED = 2000
const MIB = 2 ** 20

export async function idleSessions (scale: Scale, pinning: Pinning): Promise<Outcome> {
  const count = scale.dormantSessions
  const storages = await Storages.make(pinning)
  let server: RunningServer | null = null
  try {
    const { name, script } = on(SDK_SESSION, 'SQLite', storages.sqlite(), '--idle-ms', String(IDLE_MS))
    server = await RunningServer.start(script, pinning)
    const { port } = server
    const before = await server.memory()
    const start = performance.now()
    const sessions = await openSessions(port, count, scale.connections)
    const seconds = (performance.now() - start) / 1000
    await sleep(3 * IDLE_MS)
    const atOnce = await server.memory()
    await sleep(FORGOTTEN_MS - 3 * IDLE_MS)
    const after = await server.memory()
    const some = sessions.filter((_session, i) => i % Math.ceil(count / ASKED) === 0 || i === count - 1)
    const { latencies } = await askEach(port, some, scale.connections)

    const quantile = (q: number) => `${(latencies[Math.floor(latencies.length * q)] ?? 0).toFixed(1)} ms`
    const mib = (bytes: number) => `${(bytes / MIB).toFixed(0)} MiB`
    const title = `${count.toLocaleString('en')} idle sessions of an SDK application`
    const rounds = new Map([[name, [after]]])
    const row = limit(rounds, {
      work: `${title}, RSS`,
      ours: { name },
      yardstick: `before the first: ${mib(before.rss)}`,
      unit: 'MiB',
      target: { atMost: 250 },
      value: sample => sample.rss / MIB
    })
    const figures = {
      RSS: mib(after.rss),
      heap: mib(after.heapUsed),
      [`RSS ${3 * IDLE_MS / 1000} s after the last was opened`]: mib(atOnce.rss),
      'sessions opened per second': Math.round(count / seconds).toLocaleString('en'),
      [`next request in ${some.length.toLocaleString('en')} of them, p50`]: quantile(0.5),
      p99: quantile(0.99)
    }
    const samples = { [name]: [after], before: [before], atOnce: [atOnce] }
    return { title, rows: [row], figures: [{ contestant: name, figures }], samples }
  } finally {
    await server?.stop()
    await storages.remove()
  }
}
