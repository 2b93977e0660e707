/** Work: `burst` whose events are stored for replay, by storage, beside the same events not stored. */
import { RAW_MODERN, RAW_SESSION } from '../contestants.ts'
import type { BurstSample } from '../load/burst.ts'
import { compare, notMeasured } from '../outcome.ts'
import type { Comparison, Outcome } from '../outcome.ts'
import type { Pinning } from '../pin.ts'
import { REDIS_MISSING } from '../redis-server.ts'
import type { Scale } from '../scale.ts'
import { nameOn, on, Storages } from '../storages.ts'
import { burstRounds } from './burst-rounds.ts'

const UNSTORED = { ...RAW_MODERN, name: '`raw`, modern, nothing stored', script: { file: 'raw', args: ['--storage', 'memory'] } }
const IN_MEMORY = on(RAW_SESSION, 'memory', 'memory')

const stored = { work: '`burst`, events per second, storage', yardstick: UNSTORED, value: (sample: BurstSample) => sample.perSecond }

export async function storageBurst (scale: Scale, pinning: Pinning): Promise<Outcome> {
  const storages = await Storages.make(pinning)
  try {
    const sqlite = on(RAW_SESSION, 'SQLite', storages.sqlite())
    const redis = storages.redis === null ? null : on(RAW_SESSION, 'Redis', storages.redis)
    const contestants = [UNSTORED, IN_MEMORY, sqlite, ...redis === null ? [] : [redis]]
    const { rounds, figures } = await burstRounds(contestants, scale, scale.storageRounds, pinning, () => {})
    const comparisons: ReadonlyArray<Comparison<BurstSample>> = [
      { ...stored, ours: IN_MEMORY, target: { atLeast: 0.6 } },
      { ...stored, ours: sqlite, target: { atLeast: 0.3 } },
      { ...stored, ours: redis ?? { name: nameOn(RAW_SESSION, 'Redis') }, target: { atLeast: 0.15 } }
    ]
    const rows = comparisons.map(comparison =>
      rounds.has(comparison.ours.name) ? compare(rounds, comparison) : notMeasured(comparison, REDIS_MISSING))
    return { title: `\`burst\` of ${scale.burstEvents} events, by storage`, rows, figures, samples: Object.fromEntries(rounds) }
  } finally {
    await storages.remove()
  }
}
