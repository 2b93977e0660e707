/** Rounds of `burst` among any contestants. */
import type { Contestant } from '../contestants.ts'
import { Fleet } from '../fleet.ts'
import { BurstLoad } from '../load/burst.ts'
import type { BurstSample } from '../load/burst.ts'
import { medianOf, takeTurns } from '../measure.ts'
import type { Rounds } from '../measure.ts'
import type { Figure } from '../outcome.ts'
import type { Pinning } from '../pin.ts'
import type { Scale } from '../scale.ts'

export interface BurstRounds {
  readonly rounds: Rounds<BurstSample>
  readonly figures: readonly Figure[]
}

/** `check` gets the messages each contestant sent in a first burst, by its name. */
export async function burstRounds (
  contestants: readonly Contestant[], scale: Scale, count: number, pinning: Pinning,
  check: (messages: ReadonlyMap<string, readonly string[]>) => void
): Promise<BurstRounds> {
  const fleet = await Fleet.start(contestants, pinning)
  try {
    const takes = new Map<string, () => Promise<BurstSample>>()
    const messages = new Map<string, readonly string[]>()
    for (const contestant of contestants) {
      const load = await BurstLoad.prepare(fleet.serverOf(contestant).port, contestant.manner, scale.burstEvents)
      messages.set(contestant.name, load.messages)
      const times = contestant.slow === true ? 1 : scale.burstsPerSample
      const take = () => load.run(scale.burstEvents, times)
      takes.set(contestant.name, take)
      await take()
    }
    check(messages)
    const rounds = await takeTurns([...takes.keys()], count, async name => {
      const take = takes.get(name)
      if (take === undefined) throw new Error(`${name} has no load`)
      return take()
    })
    return { rounds, figures: [...takes.keys()].map(name => figureOf(rounds, name)) }
  } finally {
    await fleet.stop()
  }
}

function figureOf (rounds: Rounds<BurstSample>, contestant: string): Figure {
  const perSecond = medianOf(rounds, contestant, sample => sample.perSecond)
  return { contestant, figures: { 'events per second': Math.round(perSecond).toLocaleString('en') } }
}
