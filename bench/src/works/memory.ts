/** Work: many sessions, each holding its standalone stream open; what one of them costs the server's process. */
import { execFileSync } from 'node:child_process'
import { BARE_SESSION, NODE_SSE, RAW_SESSION, SDK_SESSION, V1 } from '../contestants.ts'
import { idleSessions } from '../load/idle.ts'
import type { IdleSample } from '../load/idle.ts'
import { medianOf, takeTurns } from '../measure.ts'
import { compare } from '../outcome.ts'
import type { Comparison, Outcome } from '../outcome.ts'
import type { Pinning } from '../pin.ts'
import { RunningServer } from '../running-server.ts'
import type { Scale } from '../scale.ts'

const CONTESTANTS = [BARE_SESSION, RAW_SESSION, SDK_SESSION, NODE_SSE, V1]
/** Descriptors a process needs beside those of the sessions that are counted. */
const SPARE_FILES = 1000

const rss = { work: 'idle session with its stream, RSS', value: (sample: IdleSample) => sample.rss }

const COMPARISONS: ReadonlyArray<Comparison<IdleSample>> = [
  { ...rss, ours: RAW_SESSION, yardstick: BARE_SESSION, target: { atMost: 1.5 } },
  { ...rss, ours: SDK_SESSION, yardstick: BARE_SESSION, target: null },
  { ...rss, ours: SDK_SESSION, yardstick: NODE_SSE, target: null }
]

export async function memory (scale: Scale, pinning: Pinning): Promise<Outcome> {
  const count = sessionsAllowed(scale.idleSessions)
  const rounds = await takeTurns(CONTESTANTS.map(({ name }) => name), scale.idleRounds, async name => {
    const contestant = CONTESTANTS.find(candidate => candidate.name === name) ?? BARE_SESSION
    // A fresh process each time: memory once taken from the system is rarely given back.
    const server = await RunningServer.start(contestant.script, pinning)
    try {
      return await idleSessions(server, contestant.manner, count)
    } finally {
      await server.stop()
    }
  })
  const figures = CONTESTANTS.map(({ name }) => {
    const kib = (value: (sample: IdleSample) => number) => `${(medianOf(rounds, name, value) / 1024).toFixed(1)} KiB`
    return { contestant: name, figures: { 'RSS each': kib(sample => sample.rss), 'heap each': kib(sample => sample.heapUsed) } }
  })
  const rows = COMPARISONS.map(comparison => compare(rounds, comparison))
  return { title: `${count} idle sessions, each with its stream`, rows, figures, samples: Object.fromEntries(rounds) }
}

/** Each stream is a descriptor here and one in the server; Node.js raises its soft limit to the hard one by itself. */
function sessionsAllowed (wanted: number): number {
  const limit = Number(execFileSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }))
  const allowed = Number.isNaN(limit) ? wanted : Math.min(wanted, limit - SPARE_FILES)
  if (allowed < wanted) console.warn(`Only ${allowed} of ${wanted} sessions: raise the limit of open files (ulimit -n)`)
  return allowed
}
