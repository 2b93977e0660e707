/** Work: `echo` in sessions that live in a durable storage, beside the same in memory. */
import { RAW_SESSION } from '../contestants.ts'
import type { EchoSample } from '../load/echo.ts'
import { compare, notMeasured } from '../outcome.ts'
import type { Comparison, Outcome, Row } from '../outcome.ts'
import type { Pinning } from '../pin.ts'
import { REDIS_MISSING } from '../redis-server.ts'
import type { Scale } from '../scale.ts'
import { nameOn, on, Storages } from '../storages.ts'
import { echoRounds } from './echo-rounds.ts'

const IN_MEMORY = on(RAW_SESSION, 'memory', 'memory')

const throughput = { work: '`echo`, calls per second, storage', yardstick: IN_MEMORY, value: (sample: EchoSample) => sample.perSecond }
const effort = { work: '`echo`, server CPU per call, storage', yardstick: IN_MEMORY, value: (sample: EchoSample) => sample.cpu, target: null }

export async function storageEcho (scale: Scale, pinning: Pinning): Promise<Outcome> {
  const storages = await Storages.make(pinning)
  try {
    const sqlite = on(RAW_SESSION, 'SQLite', storages.sqlite())
    const redis = storages.redis === null ? null : on(RAW_SESSION, 'Redis', storages.redis)
    const embedded = await echoRounds([IN_MEMORY, sqlite], scale, scale.storageRounds, pinning, () => {})
    // Where Redis shares a core with the load, a load that never sleeps would starve it.
    const alone = pinning.store !== pinning.load
    const remote = redis === null ? null : await echoRounds([IN_MEMORY, redis], scale, scale.storageRounds, pinning, () => {}, alone)
    const row = (comparison: Comparison<EchoSample>): Row => {
      if (comparison.ours.name === sqlite.name) return compare(embedded.rounds, comparison)
      return remote === null ? notMeasured(comparison, REDIS_MISSING) : compare(remote.rounds, comparison)
    }
    const ours = redis ?? { name: nameOn(RAW_SESSION, 'Redis') }
    const rows = [
      row({ ...throughput, ours: sqlite, target: { atLeast: 0.85 } }),
      row({ ...throughput, ours, target: { atLeast: 0.4 } }),
      row({ ...effort, ours: sqlite }),
      ...redis === null ? [] : [row({ ...effort, ours: redis })]
    ]
    const figures = [...embedded.figures, ...(remote?.figures.slice(1) ?? [])]
    const samples = Object.fromEntries([...embedded.rounds, ...[...remote?.rounds ?? []].map(([name, taken]) => [`${name}, beside Redis`, taken] as const)])
    return { title: `\`echo\` over ${scale.connections} connections, by storage`, rows, figures, samples }
  } finally {
    await storages.remove()
  }
}
