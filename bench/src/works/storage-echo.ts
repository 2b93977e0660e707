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
    const lmdb = on(RAW_SESSION, 'LMDB', storages.lmdb())
    const redis = storages.redis === null ? null : on(RAW_SESSION, 'Redis', storages.redis)
    const contestants = [IN_MEMORY, lmdb, ...redis === null ? [] : [redis]]
    const { rounds, figures } = await echoRounds(contestants, scale, scale.storageRounds, pinning, () => {})
    const row = (comparison: Comparison<EchoSample>): Row =>
      rounds.has(comparison.ours.name) ? compare(rounds, comparison) : notMeasured(comparison, REDIS_MISSING)
    const ours = redis ?? { name: nameOn(RAW_SESSION, 'Redis') }
    const rows = [
      row({ ...throughput, ours: lmdb, target: { atLeast: 0.8 } }),
      row({ ...throughput, ours, target: { atLeast: 0.4 } }),
      row({ ...effort, ours: lmdb }),
      ...redis === null ? [] : [row({ ...effort, ours: redis })]
    ]
    return { title: `\`echo\` over ${scale.connections} connections, by storage`, rows, figures, samples: Object.fromEntries(rounds) }
  } finally {
    await storages.remove()
  }
}
